import { type Consent, type ConsentState, codeOf, isBrowserOf, stateOf } from "../connections/index.ts";
import { selectConsent } from "../connections/sql.ts";
import { Problem } from "../floor/problem.ts";
import type { Control } from "./control.ts";
import { openConsent } from "./sealed-consent.ts";

/** A browser at the page of a consent: what it brought with it. */
export interface Browser {
  /** The cookie that binds it to this consent. */
  readonly cookie?: string;
  /** Who is logged in there. */
  readonly session?: { readonly id: string; readonly person: string };
}

/** A consent as a browser may see it. */
export interface ConsentPage {
  readonly id: string;
  readonly server: string;
  readonly workflow: string | null;
  readonly person: string;
  readonly issuer: string;
  readonly scope: string;
  readonly state: ConsentState;
  readonly because: string | null;
  /** True for the browser that it is bound to. */
  readonly isBound: boolean;
  /** What the person types where they began. */
  readonly code?: string;
  /** Where the browser goes next. */
  readonly next?: string;
}

/** What the page of a consent shows. Looking changes nothing. */
export async function lookAtConsent(control: Control, id: string, browser: Browser): Promise<ConsentPage> {
  const consent = await selectConsent(control.parts.db, id);
  if (consent === undefined) throw missingConsent();
  requireOwnSession(consent, browser);
  const { server, workflow, person, issuer, scope, because } = consent;
  const state = stateOf(consent);
  const isBound = isBrowserOf(consent, browser.cookie);
  const page = { id, server, workflow, person, issuer, scope, state, because, isBound };
  if (!isBound || browser.cookie === undefined) return page;
  if (state === "asks for its code") return { ...page, code: codeOf(browser.cookie, id) };
  return state === "at the upstream" && !consent.isUsed ? { ...page, next: openConsent(control, consent).url } : page;
}

/** Somebody else's browser, and another session than the one in which it was begun, are not let near it. */
export function requireOwnSession(consent: Consent, { session }: Browser): void {
  if (session === undefined) return;
  if (session.person !== consent.person)
    throw new Problem("forbidden", "somebody else began this; it is for their browser only");
  if (consent.credential.startsWith("ses_") && consent.credential !== session.id)
    throw new Problem("forbidden", "this was begun in another session of yours", { help: "begin again in this one" });
}

export function missingConsent(): Problem {
  return new Problem("not_found", "there is no such thing to connect, or it is over");
}
