import type { State } from "./state.ts";

/**
 * What one ledger entry says in clear: the leaf of the Merkle tree is the canonical JSON of this object.
 * `commit` binds the private payload without revealing it: base64 HMAC-SHA256 keyed with the subject's nonce over the
 * payload's canonical JSON, so that guessable arguments cannot be tested against the log.
 */
export interface Leaf {
  readonly v: 1;
  readonly writer: string;
  /** From 0, without gaps, per writer. */
  readonly seq: number;
  /** Base64 of the previous entry's hash of the same writer; 32 zero bytes at seq 0. */
  readonly prev: string;
  /** Database time, RFC 3339 with microseconds, strictly rising per writer. */
  readonly at: string;
  readonly kind: EntryKind;
  /** What it is about: an action (`act_…`) or a deed of governance (`gov_…`). */
  readonly subject: string;
  /** From 0, without gaps, per subject. */
  readonly step: number;
  readonly from: State | null;
  readonly to: State | null;
  readonly agent?: string;
  readonly workflow?: string;
  readonly person?: string;
  readonly tool?: string;
  readonly run?: string;
  readonly commit: string;
}

/** Kinds about an action, then kinds about the plane. */
export const entryKinds = [
  "submitted",
  "refused",
  "held",
  "approved",
  "denied",
  "glass",
  "asked",
  "replied",
  "ready",
  "intent",
  "outcome",
  "unknown",
  "settled",
  "reversed",
  "released",
  "writer",
  "applied",
  "activated",
  "credential",
  "login",
  "stopped",
  "lifted",
  "reviewed",
  "waived",
  "granted",
  "rotated",
  "read",
  "secret",
  "alert",
  "advisory",
  "proposed",
  "erased",
  "preserved",
  "restored",
  "canary",
  "escalated",
  "notice",
] as const;
export type EntryKind = (typeof entryKinds)[number];
