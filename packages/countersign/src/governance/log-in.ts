import { Problem } from "../floor/problem.ts";
import type { Secret } from "../floor/secret.ts";
import {
  handsOf,
  issueLink,
  issuePersonToken,
  type Origin,
  ofTheServer,
  openSession,
  type PersonCaller,
  redeemLink,
  requireMay,
  sessionOf,
  vouchersOf,
} from "../identity/index.ts";
import { linksFor } from "../workspace/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";

/**
 * A one-time login link: of the server's own, which whoever holds its machine asks for; an admin's for somebody else, whose
 * login then counts as one person with that admin; or one's own, from the command line's credential and no longer than it.
 */
export async function invite(
  control: Control,
  by: PersonCaller | "countersign",
  person: string,
): Promise<{ readonly shownOnce: Secret; readonly expiresAtMs: number }> {
  if (by !== "countersign") requireMay(by, "issue-link", contextOf(control, { about: person }));
  requireLinks(control, by, person);
  const name = by === "countersign" ? by : by.email;
  const origin = by === "countersign" ? ofTheServer : await originOf(control, by, person);
  let made: Awaited<ReturnType<typeof issueLink>> | undefined;
  await govern(control, {
    kind: "login",
    person: name,
    payload: { deed: "link", for: person, by: name, vouchedBy: origin.vouchedBy },
    raises: false,
    change: async (tx) => {
      const { directory } = control.keeper.loaded();
      made = await issueLink(tx, control.parts.clock, directory, { person, by: name, origin });
    },
  });
  if (made === undefined) throw new Error("a link was recorded and not made");
  return { shownOnce: made.shownOnce, expiresAtMs: made.expiresAtMs };
}

/** Where an identity provider vouches for logins, links are for admins, and for one's own command line. */
function requireLinks(control: Control, by: PersonCaller | "countersign", person: string): void {
  const { workspace, directory } = control.keeper.loaded();
  if (workspace === undefined || linksFor(workspace.organisation) === "everyone") return;
  if (by !== "countersign" && by.email === person) return;
  const known = directory.people.get(person);
  if (known === undefined || known.roles.includes("admin")) return;
  const { provider } = workspace.organisation.login;
  throw new Problem("forbidden", `\`${person}\` logs in at \`${provider?.issuer ?? ""}\`, not by a link`, {
    help: "`login.links: everyone` in countersign.yaml allows links besides",
  });
}

async function originOf(control: Control, by: PersonCaller, person: string): Promise<Origin> {
  const vouchedBy = vouchersOf(handsOf(by), person);
  if (by.email !== person) return { vouchedBy, parent: undefined, notAfterMs: undefined };
  // For the command line of somebody whom the provider let in, and no longer than that login.
  const session = by.method === "oidc" ? await sessionOf(control.parts.db, by.credential) : undefined;
  if (session !== undefined) return { vouchedBy, parent: undefined, notAfterMs: session.expiresAtMs };
  const own = control.keeper.credentials().byId.get(by.credential);
  if (by.method !== "cli" || own === undefined) {
    throw new Problem("forbidden", "a link for yourself is made by your command line", {
      help: "run `countersign person invite` where you are logged in",
    });
  }
  return { vouchedBy, parent: own.id, notAfterMs: own.expiresAtMs };
}

/** Uses a link up: a session for a browser. */
export async function logIn(
  control: Control,
  link: string,
): Promise<{ readonly person: string; readonly cookie: Secret; readonly expiresAtMs: number }> {
  let made: Awaited<ReturnType<typeof openSession>> | undefined;
  await govern(control, {
    kind: "login",
    person: "countersign",
    payload: { deed: "logged in", method: "link" },
    raises: false,
    change: async (tx) => {
      const { person, origin } = await redeemLink(tx, control.parts.clock, control.keeper.loaded().directory, link);
      // Made in a session of the provider's: another browser logs in there itself, and is logged out there with it.
      if (origin.parent === undefined && origin.notAfterMs !== undefined)
        throw new Problem("forbidden", "this link is for your command line", { help: "use `countersign login`" });
      made = await openSession(tx, control.parts.clock, { person: person.email, method: "link", origin });
    },
  });
  if (made === undefined) throw new Error("a session was recorded and not made");
  return { person: made.person, cookie: made.cookie, expiresAtMs: made.expiresAtMs };
}

/** Uses a link up: a credential for a person's command line, thirty days. */
export async function logInCli(
  control: Control,
  link: string,
  note: string,
): Promise<{ readonly person: string; readonly shownOnce: Secret; readonly expiresAt: string }> {
  let made: Awaited<ReturnType<typeof issuePersonToken>> | undefined;
  await govern(control, {
    kind: "login",
    person: "countersign",
    payload: { deed: "logged in", method: "cli" },
    change: async (tx) => {
      const { person, origin } = await redeemLink(tx, control.parts.clock, control.keeper.loaded().directory, link);
      made = await issuePersonToken(tx, control.parts.clock, { person: person.email, by: person.email, note, origin });
    },
  });
  if (made === undefined) throw new Error("a credential was recorded and not made");
  return {
    person: made.credential.person,
    shownOnce: made.shownOnce,
    expiresAt: new Date(made.credential.expiresAtMs).toISOString(),
  };
}
