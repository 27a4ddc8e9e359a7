import type { ApprovalFact } from "@countersign/contract";

/** What one policy asks of people. */
export interface Quorum {
  readonly policy: string;
  /** Digest of the text of the policy that asks. */
  readonly policyDigest: string;
  readonly callDigest: string;
  /** A group, `dri`, or a person's address: one of the capacities in which an approval was given. */
  readonly from: string;
  readonly count: number;
  readonly validMs: number;
  /** Persons who never count, as e-mail addresses. */
  readonly excluded: readonly string[];
  /** A grant counts as an approval of this very call. */
  readonly takesGrants?: boolean;
  /** Only approvals that a passkey signed count. */
  readonly passkey?: boolean;
  /** One person who broke the glass may stand for all that are missing. */
  readonly isBreakable?: boolean;
  /** Persons who never stand alone, besides the excluded: whoever asked for it, where they may be one of several. */
  readonly neverAlone?: readonly string[];
}

export interface Tally {
  /** Persons who count, each once, sorted; of several that one person may be behind, the first. */
  readonly counted: readonly string[];
  /** How many are needed: one more than the policy asks where one of these was given after too short a look. */
  readonly needed: number;
  readonly missing: number;
  readonly met: boolean;
  /** Who broke the glass over what is missing. */
  readonly broken?: string;
}

/** However long a workspace, or a damaged row, says: what was broken longer ago stands for nothing. */
const longestGlassMs = 4 * 3_600_000;

/** Clocks of two replicas may differ by this much before an answer counts as coming from the future. */
export const skewMs = 5_000;

/**
 * Counts the distinct persons whose approval stands now: given to this policy's very text and to this very call, by a
 * member of the group who is not excluded, within the window, signed where that is asked for. Whoever vouched for a login may be behind it, so logins that
 * have somebody in common are one person, however long the chain.
 */
export function tally(quorum: Quorum, approvals: readonly ApprovalFact[], atMs: number): Tally {
  const excluded = new Set(quorum.excluded.map(person));
  const standing = approvals
    .filter((approval) => counts(quorum, approval, atMs))
    .map((approval) => ({
      people: [person(approval.person)],
      hands: handsOf(approval),
      skimmed: approval.skimmed === true,
    }))
    .filter(({ hands }) => excluded.isDisjointFrom(hands));
  const counted = standing.reduce<readonly Behind[]>(joined, []).flatMap(({ people }) => people.toSorted().slice(0, 1));
  const needed = quorum.count + (standing.some(({ skimmed }) => skimmed) ? 1 : 0);
  const missing = Math.max(0, needed - counted.length);
  const broken = missing === 0 ? undefined : whoBroke(quorum, approvals, excluded, atMs);
  // INVARIANT: a count below one is never met, whatever a damaged set says.
  const met = quorum.count >= 1 && (missing === 0 || broken !== undefined);
  return { counted: counted.sort(), needed, missing, met, ...(broken === undefined ? {} : { broken }) };
}

/** Who stands alone for all that are missing here: never whoever asked for it, or let in who did, or was let in by them. */
function whoBroke(
  quorum: Quorum,
  approvals: readonly ApprovalFact[],
  excluded: ReadonlySet<string>,
  atMs: number,
): string | undefined {
  if (quorum.isBreakable !== true) return undefined;
  const never = excluded.union(new Set((quorum.neverAlone ?? []).map(person)));
  const [first] = approvals
    .filter((one) => one.glass !== undefined && isForThis(quorum, one, atMs) && never.isDisjointFrom(handsOf(one)))
    .filter(({ at, glass }) => atMs < Date.parse(glass?.until ?? "") && atMs - Date.parse(at) < longestGlassMs)
    .map((one) => person(one.person))
    .sort();
  return first;
}

/** Approvals that one person may have given. */
interface Behind {
  readonly people: readonly string[];
  readonly hands: ReadonlySet<string>;
}

function handsOf({ person: name, vouchedBy = [] }: ApprovalFact): ReadonlySet<string> {
  return new Set([name, ...vouchedBy].map(person));
}

function joined(known: readonly Behind[], one: Behind): readonly Behind[] {
  const { same = [], others = [] } = Object.groupBy(known, ({ hands }) =>
    hands.isDisjointFrom(one.hands) ? "others" : "same",
  );
  const all = [...same, one];
  const hands = new Set(all.flatMap((each) => [...each.hands]));
  return [...others, { people: all.flatMap(({ people }) => people), hands }];
}

/** Given to this policy's very text and to this very call, signed where that is asked for, and not in the future. */
function isForThis(quorum: Quorum, approval: ApprovalFact, atMs: number): boolean {
  const ageMs = atMs - Date.parse(approval.at);
  return (
    approval.policy === quorum.policy &&
    approval.policyDigest === quorum.policyDigest &&
    approval.callDigest === quorum.callDigest &&
    (quorum.passkey !== true || approval.passkey === true) &&
    // NaN compares false, so an unreadable instant never counts.
    ageMs >= -skewMs &&
    person(approval.person) !== ""
  );
}

function counts(quorum: Quorum, approval: ApprovalFact, atMs: number): boolean {
  const ageMs = atMs - Date.parse(approval.at);
  return (
    isForThis(quorum, approval, atMs) &&
    // Whoever broke the glass was not asked: they are none of those who were.
    approval.glass === undefined &&
    approval.groups.includes(quorum.from) &&
    (approval.grant === undefined
      ? ageMs < quorum.validMs
      : quorum.takesGrants === true && atMs < Date.parse(approval.grant.until))
  );
}

/** One mailbox written in two cases is one person. */
function person(address: string): string {
  return address.trim().toLowerCase();
}
