import { type PersonCaller, requireMay, type ShutOut, shutOut } from "../identity/index.ts";
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
