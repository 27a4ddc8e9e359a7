import { Problem } from "../floor/problem.ts";
import { type PersonCaller, passkeyById, removePasskeys, requireMay } from "../identity/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";

/** Ends a passkey at once: one's own, or, as an operator, anybody's. */
export async function removePasskey(control: Control, person: PersonCaller, id: string): Promise<string> {
  const { db, clock } = control.parts;
  const missing = () => new Problem("not_found", `there is no passkey \`${id.slice(0, 60)}\` here`);
  const known = await passkeyById(db, id);
  if (known === undefined) throw missing();
  requireMay(person, "remove-passkey", contextOf(control, { about: known.person }));
  return govern(control, {
    kind: "credential",
    person: person.email,
    payload: {
      deed: "removed a passkey",
      passkey: id,
      of: known.person,
      name: known.name,
      credential: known.credential,
    },
    raises: false,
    change: async (tx) => {
      if ((await removePasskeys(tx, { id }, clock.now())).length === 0) throw missing();
    },
  });
}
