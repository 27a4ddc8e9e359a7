import { Problem } from "../floor/problem.ts";
import { hasLogins, type PersonCaller, requireMay, type ShutOut, shutOut } from "../identity/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";

export interface EndLogins {
  readonly person: string;
  readonly reason: string;
  /** Also passkeys, and what the identity provider has said: whoever comes next under this address begins anew. */
  readonly forget: boolean;
}

/** Logs a person out everywhere: browsers, command lines, links that were not used yet. */
export async function endLogins(
  control: Control,
  by: PersonCaller,
  { person, reason, forget }: EndLogins,
): Promise<ShutOut & { readonly entry: string }> {
  requireMay(by, "end-session", contextOf(control, { about: person }));
  // Somebody who has left, or who came by the provider, is known by what they were logged in with.
  const { directory } = control.keeper.loaded();
  if (!directory.people.has(person) && !(await hasLogins(control.parts.db, person)))
    throw new Problem(
      "not_found",
      `nobody here has the address \`${person.slice(0, 100)}\`, so nobody was logged out`,
      {
        help: "`countersign person list` names everybody",
      },
    );
  let ended: ShutOut | undefined;
  const entry = await govern(control, {
    kind: "login",
    person: by.email,
    payload: { deed: "ended the logins", of: person, reason, forget },
    change: async (tx) => {
      ended = await shutOut(tx, control.parts.clock, { person, by: by.email, because: reason, forget, leaves: false });
    },
  });
  if (ended === undefined) throw new Error("logins were recorded as ended and not ended");
  return { ...ended, entry };
}
