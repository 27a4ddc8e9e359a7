import { type Consent, codeHash, mostTries } from "../connections/index.ts";
import { confirmConsent, countTry, selectConsent } from "../connections/sql.ts";
import { Problem } from "../floor/problem.ts";
import type { PersonCaller } from "../identity/index.ts";
import type { Control } from "./control.ts";

/** The person types what the browser shows, where they began: it is their browser. */
export async function confirmBrowser(control: Control, person: PersonCaller, id: string, code: string): Promise<void> {
  await ownConsent(control, person, id);
  const { db } = control.parts;
  const consent = await countTry(db, id, mostTries);
  if (consent === undefined)
    throw new Problem("conflict", "no browser shows a code for this, or too many were tried", { help: "begin again" });
  if (consent.codeHash === null || !consent.codeHash.equals(codeHash(code)))
    throw new Problem("invalid", "that is not the code that the browser shows", { at: "/code" });
  if (!(await confirmConsent(db, id))) throw new Problem("conflict", "it is over", { help: "begin again" });
}

/** A consent for the one who began it, by the same session or credential; to everybody else it does not exist. */
export async function ownConsent(control: Control, person: PersonCaller, id: string): Promise<Consent> {
  const consent = await selectConsent(control.parts.db, id);
  if (consent?.person !== person.email || consent.credential !== person.credential)
    throw new Problem("not_found", "you have begun no such thing here");
  return consent;
}
