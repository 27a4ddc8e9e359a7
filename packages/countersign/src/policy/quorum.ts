import type { ApprovalFact } from "@countersign/contract";

/** What one policy asks of people. */
export interface Quorum {
  readonly policy: string;
  /** Digest of the text of the policy that asks. */
  readonly policyDigest: string;
  readonly callDigest: string;
  readonly from: string;
  readonly count: number;
  readonly validMs: number;
  /** Persons who never count, as e-mail addresses. */
  readonly excluded: readonly string[];
}

export interface Tally {
  /** Persons who count, each once, sorted. */
  readonly counted: readonly string[];
  readonly missing: number;
  readonly met: boolean;
}

/** Clocks of two replicas may differ by this much before an answer counts as coming from the future. */
export const skewMs = 5_000;

/**
 * Counts the distinct persons whose approval stands now: given to this policy's very text and to this very call, by a
 * member of the group who is not excluded, within the window.
 */
export function tally(quorum: Quorum, approvals: readonly ApprovalFact[], atMs: number): Tally {
  const excluded = new Set(quorum.excluded.map(person));
  const counted = new Set<string>();
  for (const approval of approvals) {
    if (counts(quorum, approval, atMs) && !excluded.has(person(approval.person))) counted.add(person(approval.person));
  }
  const missing = Math.max(0, quorum.count - counted.size);
  // INVARIANT: a count below one is never met, whatever a damaged set says.
  return { counted: [...counted].sort(), missing, met: quorum.count >= 1 && missing === 0 };
}

function counts(quorum: Quorum, approval: ApprovalFact, atMs: number): boolean {
  const ageMs = atMs - Date.parse(approval.at);
  return (
    approval.policy === quorum.policy &&
    approval.policyDigest === quorum.policyDigest &&
    approval.callDigest === quorum.callDigest &&
    approval.groups.includes(quorum.from) &&
    person(approval.person) !== "" &&
    // NaN compares false, so an unreadable instant never counts.
    ageMs >= -skewMs &&
    ageMs < quorum.validMs
  );
}

/** One mailbox written in two cases is one person. */
function person(address: string): string {
  return address.trim().toLowerCase();
}
