import type { Tx } from "../db/db.ts";
import { Problem } from "../floor/problem.ts";
import type { Secret } from "../floor/secret.ts";
import { type PersonCaller, requireMay } from "../identity/index.ts";
import { checkName, isReserved, type SecretStore } from "../secrets/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";

/** Keeps a secret, sealed, in the entry's own transaction. The ledger says who kept which version; never the value. */
export async function keepSecret(
  control: Control,
  storeWithin: (tx: Tx) => SecretStore,
  person: PersonCaller,
  secret: { readonly name: string; readonly value: Secret },
): Promise<{ readonly version: number; readonly entry: string }> {
  requireMay(person, "keep-secret", contextOf(control, {}));
  checkName(secret.name);
  if (isReserved(secret.name)) {
    throw new Problem("invalid", "names under `connection/` are the plane's own", {
      help: "a connection is made with `countersign tools connect`",
    });
  }
  let version = 0;
  const entry = await govern(control, {
    kind: "secret",
    person: person.email,
    payload: { deed: "kept", secret: secret.name, by: person.email },
    change: async (tx) => {
      version = (await storeWithin(tx).put(secret.name, secret.value, person.email)).version;
    },
  });
  return { version, entry };
}
