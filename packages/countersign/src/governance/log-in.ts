import type { Secret } from "../floor/secret.ts";
import {
  issueLink,
  issuePersonToken,
  openSession,
  type PersonCaller,
  redeemLink,
  requireMay,
} from "../identity/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";

/** A one-time login link for a person; whoever starts the server or an admin may make one. */
export async function invite(
  control: Control,
  by: PersonCaller | "countersign",
  person: string,
): Promise<{ readonly shownOnce: Secret; readonly expiresAtMs: number }> {
  if (by !== "countersign") requireMay(by, "issue-link", contextOf(control, {}));
  const name = by === "countersign" ? by : by.email;
  let made: Awaited<ReturnType<typeof issueLink>> | undefined;
  await govern(control, {
    kind: "login",
    person: name,
    payload: { deed: "link", for: person, by: name },
    raises: false,
    change: async (tx) => {
      made = await issueLink(tx, control.parts.clock, control.keeper.loaded().directory, { person, by: name });
    },
  });
  if (made === undefined) throw new Error("a link was recorded and not made");
  return { shownOnce: made.shownOnce, expiresAtMs: made.expiresAtMs };
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
      const person = await redeemLink(tx, control.parts.clock, control.keeper.loaded().directory, link);
      made = await openSession(tx, control.parts.clock, { person: person.email, method: "link" });
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
      const person = await redeemLink(tx, control.parts.clock, control.keeper.loaded().directory, link);
      made = await issuePersonToken(tx, control.parts.clock, { person: person.email, by: person.email, note });
    },
  });
  if (made === undefined) throw new Error("a credential was recorded and not made");
  return {
    person: made.credential.person,
    shownOnce: made.shownOnce,
    expiresAt: new Date(made.credential.expiresAtMs).toISOString(),
  };
}
