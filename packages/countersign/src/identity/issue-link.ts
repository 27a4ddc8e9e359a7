import type { Tx } from "../db/db.ts";
import { type Clock, iso } from "../floor/clock.ts";
import { newId } from "../floor/id.ts";
import { Problem } from "../floor/problem.ts";
import type { Secret } from "../floor/secret.ts";
import { oneLine } from "./account.ts";
import { type IdentityEntry, type Origin, ofTheServer } from "./credential.ts";
import type { Directory } from "./directory.ts";
import { mintKeyText } from "./key-text.ts";
import { insertLink } from "./sql.ts";

export interface IssuedLink {
  readonly id: string;
  /** Goes into the address of the login form; it opens a session once, within ten minutes. */
  readonly shownOnce: Secret;
  readonly expiresAtMs: number;
  readonly entry: IdentityEntry;
}

/** A one-time login link for a person of the workspace. Fails with `not_found` for anyone else. */
export async function issueLink(
  tx: Tx,
  clock: Clock,
  directory: Directory,
  wanted: { readonly person: string; readonly by: string; readonly origin?: Origin },
): Promise<IssuedLink> {
  if (!directory.people.has(wanted.person)) {
    throw new Problem("not_found", `there is no person \`${oneLine(wanted.person, 100)}\` in the workspace`, {
      help: "people are declared in countersign.yaml",
    });
  }
  const nowMs = clock.now();
  const id = newId("tok", nowMs);
  const { secret, hash } = mintKeyText("csl", id);
  const expiresAtMs = nowMs + 600_000;
  const { person, by, origin = ofTheServer } = wanted;
  await insertLink(tx, { id, hash, person, by, ...origin, createdAtMs: nowMs, expiresAtMs });
  const payload = {
    deed: "link issued",
    link: id,
    person,
    by,
    vouchedBy: origin.vouchedBy,
    expiresAt: iso(expiresAtMs),
  };
  return { id, shownOnce: secret, expiresAtMs, entry: { kind: "login", payload } };
}
