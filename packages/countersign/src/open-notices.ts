import { randomBytes } from "node:crypto";
import type { Assembled } from "./assemble.ts";
import { Secret } from "./floor/secret.ts";
import { type Control, keepNotices, type Notices } from "./governance/index.ts";
import { issuerOf } from "./identity/index.ts";
import { keepOwnKey } from "./ledger/look-sql.ts";
import type { ServeOptions } from "./serve.ts";

/** What tells people and their systems. One key for all replicas: a button that one sent is pressed at another. */
export async function openNotices(
  { control, connections, db }: Pick<Assembled, "control" | "connections" | "db">,
  { config, instead }: Pick<ServeOptions, "config" | "instead">,
  publicUrl: () => string,
): Promise<Notices> {
  return keepNotices(control, {
    store: connections.store,
    publicUrl: () => issuerOf(publicUrl()),
    folder: config.workspaceFolder,
    key: await ownKey(db, control, "countersign chat buttons"),
    ...(instead?.notices === undefined ? {} : { instead: instead.notices }),
  });
}

/** A key that this plane made for itself, kept wrapped. */
export async function ownKey(db: Assembled["db"], { parts }: Control, name: string): Promise<Secret> {
  const wrapped = await keepOwnKey(db, name, parts.wrap.seal(randomBytes(32), name));
  return new Secret(parts.wrap.open(wrapped, name).toString("base64"));
}
