import type { ApprovalFact, DecisionInput, Requirement } from "@countersign/contract";
import type { RecordedEntry } from "../ledger/read-recorded.ts";
import { excluded, grantQuestion, skewMs, takesGrants, tally } from "../policy/index.ts";
import type { AnswerRecord } from "./approvals.ts";
import type { DecidedRecord } from "./record.ts";

type Approval = Extract<Requirement, { kind: "approval" }>;

/** What the rules and the ledger say beside the action's own entries. */
export interface Beside {
  /** Who gave each grant, and when, in milliseconds. */
  readonly grants: ReadonlyMap<string, { readonly person: string; readonly atMs: number }>;
  /** Whether the rules that decided would ask again with these approvals; undefined where they are not in force any more. */
  readonly stillAsks: (decided: DecidedRecord, approvals: readonly ApprovalFact[]) => boolean | undefined;
}

export interface Recount {
  /** Whether a person's approval was required for it to run. */
  readonly required: boolean;
  /** At least one of the approvals was granted beforehand. */
  readonly granted: boolean;
  /** Rules asked while it waited, and other rules let it run. */
  readonly released: boolean;
  /** In words, what is not on record as it has to be. */
  readonly missing: readonly string[];
}

/** One entry of an action before it ran, with the record that it holds. */
export interface Said {
  readonly entry: Pick<RecordedEntry, "kind" | "person" | "atUs">;
  readonly record: (Partial<DecidedRecord> & { readonly answer?: AnswerRecord }) | null;
}

/**
 * Counts anew, from the entries before an intent, whether the people whom the stored decisions asked for did answer: by
 * the count that policy uses. What the decision says of approvals is believed as far as an entry of its own says it too.
 */
export function recountApprovals(before: readonly Said[], decided: DecidedRecord, beside: Beside): Recount {
  const { input, decision } = decided;
  const asking = before.findLast(({ record }) => record?.decision?.effect === "require")?.record;
  const asked = (asking?.decision?.requirements ?? []).filter((one): one is Approval => one.kind === "approval");
  const claimed = input.facts.approvals;
  const answers = before.flatMap(({ entry, record }) =>
    (entry.kind === "approved" || entry.kind === "glass") && record?.answer?.verdict === "approve"
      ? [{ entry, answer: record.answer }]
      : [],
  );
  const atMs = Date.parse(input.at);
  const missing: string[] = [];
  const standing: ApprovalFact[] = [];
  for (const fact of claimed) {
    const found = fact.grant === undefined ? answered(fact, answers, atMs) : granted(fact, beside, atMs);
    if (found === undefined) missing.push(unfounded(fact));
    else standing.push(found);
  }
  const short = asked.flatMap((one) => shortOf(one, input, standing, answers));
  const isSame = asking?.decision?.policySet.digest === decision.policySet.digest;
  const asks = short.length === 0 ? false : beside.stillAsks(decided, standing);
  if (asks === true) missing.push(...short);
  if (asks === undefined && isSame)
    missing.push(...short.map((text) => `${text}; whether the rules of then still asked when it ran, nobody can tell`));
  const released = short.length > 0 && missing.length === 0;
  return {
    required: missing.length > 0 || (!released && (asked.length > 0 || claimed.length > 0)),
    granted: claimed.some(({ grant }) => grant !== undefined),
    released,
    missing: [...new Set(missing)],
  };
}

interface Answer {
  readonly entry: Said["entry"];
  readonly answer: AnswerRecord;
}

/** The approval as its own entry has it; only in what capacities it was given comes from the decision, since groups change. */
function answered(fact: ApprovalFact, answers: readonly Answer[], atMs: number): ApprovalFact | undefined {
  const found = answers.findLast(
    ({ answer, entry }) =>
      answer.person === fact.person &&
      // One person may have answered as one of several, and broken the glass besides.
      (entry.kind === "glass") === (fact.glass !== undefined) &&
      answer.callDigest === fact.callDigest &&
      answer.policies.some(({ policy, policyDigest }) => policy === fact.policy && policyDigest === fact.policyDigest),
  );
  if (found === undefined || found.entry.person !== fact.person) return undefined;
  const { answer, entry } = found;
  const { vouchedBy = [], skimmed, passkey } = answer;
  return {
    ...{ policy: fact.policy, policyDigest: fact.policyDigest, person: answer.person, groups: fact.groups },
    ...(vouchedBy.length === 0 ? {} : { vouchedBy }),
    at: new Date(answeredMs(entry, atMs)).toISOString(),
    callDigest: answer.callDigest,
    ...(skimmed === true || fact.skimmed === true ? { skimmed: true as const } : {}),
    ...(passkey === undefined ? {} : { passkey: true as const }),
    // Until when, its entry says and not the decision.
    ...(entry.kind === "glass" ? { glass: { until: glassUntil(answer) } } : {}),
  };
}

/** When the answer was given. Policy counts with the moment of its row, which another clock gave than that of its entry. */
function answeredMs({ atUs }: Answer["entry"], ranMs: number): number {
  const ms = atUs / 1000;
  return ms - ranMs <= 2 * skewMs ? Math.min(ms, ranMs) : ms;
}

/** No moment where the entry does not say: then it never stands. */
function glassUntil({ breakGlass }: AnswerRecord): string {
  return breakGlass?.until ?? "";
}

function granted(fact: ApprovalFact, { grants }: Beside, atMs: number): ApprovalFact | undefined {
  const deed = grants.get(fact.grant?.id ?? "");
  // What was given afterwards let nothing through. An unreadable moment compares false.
  return deed?.person === fact.person && deed.atMs <= atMs + skewMs ? fact : undefined;
}

function unfounded({ person, policy, grant }: ApprovalFact): string {
  return grant === undefined
    ? `its decision counts an approval of ${person} for \`${policy}\`, and no entry before it ran holds that approval`
    : `its decision counts the grant ${grant.id} of ${person} for \`${policy}\`, and the ledger has no such grant of theirs from before`;
}

function shortOf(
  one: Approval,
  input: DecisionInput,
  standing: readonly ApprovalFact[],
  answers: readonly Answer[],
): readonly string[] {
  const people = excluded(one.exclude, input.principal);
  const quorum = {
    ...one,
    count: one.raised === true ? one.count - 1 : one.count,
    callDigest: input.callDigest,
    excluded: people,
    takesGrants: takesGrants(one.grants, grantQuestion(input)),
    passkey: one.passkey === true,
    validMs: one.validMs + skewMs,
    isBreakable: one.glass !== "never",
    neverAlone: excluded(["requester"], input.principal),
  };
  const { counted, met, needed } = tally(quorum, standing, Date.parse(input.at));
  if (met) return [];
  const others = answers.filter(({ answer }) => !counted.includes(answer.person.toLowerCase()));
  const why = others.map(({ answer, entry }) => notCounted(one, people, input, answer, entry));
  return [
    `\`${one.policy}\` asked for ${needed === 1 ? "an approval" : `${needed} approvals`} from \`${one.from}\`, and ${counted.length === 0 ? "none" : `only ${counted.length}`} that counts is on record${why.length === 0 ? "" : `: ${[...new Set(why)].join("; ")}`}`,
  ];
}

function notCounted(
  one: Approval,
  excludedPeople: readonly string[],
  input: DecisionInput,
  answer: AnswerRecord,
  entry: Answer["entry"],
): string {
  const { callDigest, passkey, person, policies, vouchedBy = [] } = answer;
  const not = new Set(excludedPeople.map((name) => name.toLowerCase()));
  if (not.has(person.toLowerCase())) return `${person} is excluded from answering it`;
  if (vouchedBy.some((name) => not.has(name.toLowerCase())))
    return `${person} was let in by somebody who is excluded from answering it`;
  if (callDigest !== input.callDigest) return `${person} approved another call than the one that ran`;
  if (!policies.some(({ policy, policyDigest }) => policy === one.policy && policyDigest === one.policyDigest))
    return `${person} answered another rule, or another text of it`;
  if (one.passkey === true && passkey === undefined) return `${person} did not sign with a passkey`;
  if (entry.kind === "glass") return glassNotCounted(one, input, answer);
  if (Date.parse(input.at) - entry.atUs / 1000 >= one.validMs + skewMs)
    return `what ${person} said was too old by then`;
  return `${person} does not count as somebody whom it asks, or as one person more`;
}

function glassNotCounted({ glass }: Approval, input: DecisionInput, answer: AnswerRecord): string {
  const { person, vouchedBy = [] } = answer;
  if (glass === "never") return `${person} broke the glass, and nobody breaks it over this rule`;
  const requester = new Set(excluded(["requester"], input.principal).map((name) => name.toLowerCase()));
  if ([person, ...vouchedBy].some((name) => requester.has(name.toLowerCase())))
    return `${person} broke the glass over what they had asked for themselves`;
  return `${person} broke the glass, and what they said stood for nothing any more when it ran`;
}
