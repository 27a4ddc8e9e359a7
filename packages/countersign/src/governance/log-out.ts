import { endSession, type PersonCaller, revokeCredential, sessionOf } from "../identity/index.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";

/** Ends what this person is logged in with: the browser's session, or the command line's credential. */
export async function logOut(
  control: Control,
  person: PersonCaller,
): Promise<{ readonly entry: string; readonly providerUrl: string | undefined }> {
  const { db, clock } = control.parts;
  const cli = person.method === "cli";
  const which = { id: person.credential };
  // Read before it is over. The provider itself is not asked: that it is down must keep nobody logged in here.
  const providerUrl = cli ? undefined : (await sessionOf(db, person.credential))?.logoutUrl;
  const entry = await govern(control, {
    kind: "login",
    person: person.email,
    payload: { deed: "logged out", method: person.method, credential: person.credential },
    raises: cli,
    change: async (tx) => {
      if (cli) await revokeCredential(tx, clock, { which, by: person.email, because: "logged out" });
      else await endSession(tx, clock, { which, by: person.email });
    },
  });
  return { entry, providerUrl };
}
