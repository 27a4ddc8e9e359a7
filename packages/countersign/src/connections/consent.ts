import { createHmac, timingSafeEqual } from "node:crypto";
import { sha256 } from "../floor/digest.ts";

/** A connection that is being made: from the command until the browser comes back. */
export interface Consent {
  readonly id: string;
  readonly sealed: Buffer | null;
  readonly server: string;
  /** Null where the connection is to be the person's own. */
  readonly workflow: string | null;
  readonly issuer: string;
  readonly clientId: string;
  readonly resource: string;
  readonly scope: string;
  readonly redirectUri: string;
  /** Who began it. */
  readonly person: string;
  /** The session or credential with which it was begun. */
  readonly credential: string;
  readonly browserHash: Buffer | null;
  readonly codeHash: Buffer | null;
  /** The browser is the person's own: by its session, or because they typed the code that it shows. */
  readonly confirmed: boolean;
  readonly tries: number;
  readonly expiresAt: string;
  readonly isExpired: boolean;
  readonly isUsed: boolean;
  readonly outcome: "connected" | "denied" | "failed" | null;
  readonly because: string | null;
  readonly connection: string | null;
}

export const consentStates = [
  "open",
  "asks for its code",
  "at the upstream",
  "connected",
  "denied",
  "failed",
  "expired",
] as const;
export type ConsentState = (typeof consentStates)[number];

export function stateOf(consent: Consent): ConsentState {
  if (consent.outcome !== null) return consent.outcome;
  if (consent.isExpired) return "expired";
  if (consent.browserHash === null) return "open";
  return consent.confirmed ? "at the upstream" : "asks for its code";
}

/** How often a wrong code may be typed. */
export const mostTries = 5;
export const consentMs = 600_000;

/** Whether this cookie is of the browser that the consent is bound to. */
export function isBrowserOf(consent: Consent, cookie: string | undefined): boolean {
  if (cookie === undefined || consent.browserHash === null) return false;
  return timingSafeEqual(sha256(cookie), consent.browserHash);
}

// Without 0, 1, I, L, O and U: nobody has to guess what is meant.
const letters = "23456789ABCDEFGHJKMNPQRSTVWXYZ";

/** What a browser in which nobody is logged in shows, for the person to type where they began: `7K3F-9QPD`. */
export function codeOf(cookie: string, consent: string): string {
  const bytes = createHmac("sha256", cookie).update(`countersign consent code ${consent}`).digest();
  const text = [...bytes.subarray(0, 8)].map((byte) => letters[byte % letters.length]).join("");
  return `${text.slice(0, 4)}-${text.slice(4)}`;
}

/** The digest of a code, however it was typed. */
export function codeHash(code: string): Buffer {
  return sha256(code.toUpperCase().replace(/[^0-9A-Z]/g, ""));
}
