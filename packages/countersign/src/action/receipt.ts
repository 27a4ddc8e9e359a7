import type { CheckFact, Decision, DecisionInput, Json, ReversalPlan, State } from "@countersign/contract";
import type { Subject } from "../ledger/read.ts";
import { type AnswerRecord, type Approvals, approvalsOf } from "./approvals.ts";
import { shownBeyond } from "./beyond.ts";
import { type Data, dataOf } from "./data-of.ts";
import type { Erased } from "./erased.ts";
import { type SaidTo, saidTo } from "./questions.ts";
import { type CallRecord, isMistyped } from "./record.ts";
import { type ActionRecord, recordsOf } from "./stored-record.ts";
import { withoutContent } from "./without-content.ts";

type Record = ActionRecord & { readonly answer?: AnswerRecord; readonly by?: string };

export interface PolicyText {
  readonly id: string;
  readonly digest: string;
  readonly effect: "permit" | "forbid";
  readonly title?: string;
  readonly text: string;
}

/** Who put the rules in force that decided, and where that is recorded. */
export interface RulesInForce {
  readonly by: string;
  readonly signedBy: string | null;
  readonly single: boolean;
  readonly at: string;
  readonly receipt?: string;
}

/** The six questions, always answered. What is not from the action's own entries names those that it is from by a digest or id. */
export interface Receipt {
  readonly id: string;
  readonly state: State;
  readonly advisory: boolean;
  /** False where the subject's key was erased: the entries prove that something was recorded, not what. */
  readonly disclosed: boolean;
  readonly erased?: Erased;
  readonly what: SaidTo & {
    readonly sentence: string;
    readonly agent: string;
    readonly workflow: string;
    readonly dri: string;
    readonly owner: string;
    readonly onBehalfOf?: string;
    /** Where the agent was known by an issuer's word: whose, and as what. */
    readonly workload?: { readonly issuer: string; readonly subject: string };
    readonly tool: string;
    readonly verb: string;
    readonly target: string;
    readonly environment: string;
    readonly tier: number;
    readonly run: string;
    /** Whether the run's plan names this step; absent where it has no plan. */
    readonly planned?: boolean;
    readonly door: string;
    readonly args: Json;
    /** What travelled with the arguments. */
    readonly beyond?: Json;
    readonly argsDigest: string;
    readonly callDigest: string;
    readonly result?: Json;
    readonly isError?: boolean;
    readonly resultDigest?: string;
    readonly attempts: number;
    readonly claim?: string;
    readonly moves: readonly {
      readonly at: string;
      readonly recordedAt: string;
      readonly kind: string;
      readonly from: string | null;
      readonly to: string | null;
      readonly person?: string;
    }[];
  };
  readonly data: Data;
  readonly policy: {
    readonly effect: string;
    readonly observed?: string;
    readonly sentence: string;
    readonly determining: readonly PolicyText[];
    readonly policySet: { readonly revision: number; readonly digest: string };
    readonly inForce?: RulesInForce;
    readonly input?: DecisionInput;
    readonly nearMiss: Decision["nearMiss"];
    readonly errors: readonly string[];
  };
  readonly checks: readonly (CheckFact & { readonly stage: "arguments" | "result" })[];
  readonly approvals: Approvals;
  readonly reversal: {
    readonly sentence: string;
    readonly plan?: ReversalPlan;
    readonly reversedBy?: string;
    readonly reverses?: string;
    /** When this kind of reverse last worked, where it ever did. */
    readonly lastWorked?: string;
  };
}

/** Puts an action's entries together as its receipt. `textOf` gives the text of a policy by its digest. */
export function receiptOf(
  subject: Subject,
  textOf: (digest: string) => PolicyText | undefined,
  {
    lastWorked,
    erased,
    inForce,
  }: { readonly lastWorked?: string; readonly erased?: Erased; readonly inForce?: RulesInForce } = {},
): Receipt {
  const records: readonly (Record | null)[] = recordsOf(subject);
  const call = records[0]?.call;
  const decided = records.findLast((record) => record?.decision !== undefined) ?? undefined;
  const outcome = records.findLast((record) => record?.kind !== undefined) ?? undefined;
  const last = subject.entries.at(-1);
  const state = (last?.entry.to_state ?? "received") as State;
  const made: Receipt = {
    id: subject.subject,
    state,
    advisory: subject.entries[0]?.entry.kind === "advisory",
    disclosed: subject.key !== null,
    ...(erased === undefined ? {} : { erased }),
    what: whatOf(subject, state, call, outcome, records),
    data: dataOf(call, state, outcome, decided?.input?.facts.flow),
    policy: { ...policyOf(decided, records, textOf), ...(inForce === undefined ? {} : { inForce }) },
    checks: checksOf(decided, outcome),
    approvals: approvalsOf(subject, decided),
    reversal: reversalOf(subject, state, records, call, lastWorked),
  };
  return made.disclosed ? made : withoutContent(made);
}

function whatOf(
  subject: Subject,
  state: State,
  call: CallRecord | undefined,
  outcome: Record | undefined,
  records: readonly (Record | null)[],
): Receipt["what"] {
  const first = subject.entries[0]?.entry;
  const agent = first?.agent ?? "";
  const tool = first?.tool ?? "";
  // Some refusals record no params.
  const beyond = call?.params === undefined ? undefined : shownBeyond(call);
  const planned = records.findLast((record) => record?.input !== undefined)?.input?.run.planned;
  return {
    sentence: `${agent === "" ? "somebody unknown" : agent} ${deed(state, records)} ${tool}${call === undefined || call.target === "" ? "" : ` on ${call.target}`}${call === undefined ? "" : ` (${call.environment})`}`,
    agent,
    workflow: first?.workflow ?? "",
    dri: call?.dri ?? "",
    owner: call?.owner ?? "",
    ...(call?.onBehalfOf === undefined ? {} : { onBehalfOf: call.onBehalfOf }),
    ...(call?.workload === undefined ? {} : { workload: call.workload }),
    tool,
    verb: call?.verb ?? "",
    target: call?.target ?? "",
    environment: call?.environment ?? "",
    tier: call?.tier ?? 0,
    run: first?.run ?? "",
    ...(planned === undefined ? {} : { planned }),
    door: call?.door ?? "",
    args: call?.args ?? null,
    ...(beyond === undefined ? {} : { beyond }),
    argsDigest: call?.argsDigest ?? "",
    callDigest: call?.callDigest ?? "",
    ...(outcome?.result === undefined
      ? outcome?.error === undefined
        ? {}
        : { result: outcome.error, isError: true }
      : { result: outcome.result, isError: outcome.isError === true || isMistyped(outcome) }),
    ...(outcome?.resultDigest === undefined ? {} : { resultDigest: outcome.resultDigest }),
    attempts: subject.entries.filter(({ entry }) => entry.to_state === "running").length,
    ...(call?.claim === undefined ? {} : { claim: call.claim }),
    ...saidTo(subject.entries, call),
    moves: subject.entries.map(({ entry }) => ({
      at: entry.at,
      recordedAt: entry.recorded_at,
      kind: entry.kind,
      from: entry.from_state,
      to: entry.to_state,
      ...(entry.person === null ? {} : { person: entry.person }),
    })),
  };
}

function deed(state: State, records: readonly (Record | null)[]): string {
  switch (state) {
    case "done":
      return "ran";
    case "reversed":
      return "ran, and somebody reversed,";
    case "failed":
      return "tried, and nothing happened:";
    case "unknown":
      return "sent, and nobody knows yet what became of it:";
    case "refused":
      return `was refused (${records.findLast((record) => record?.refusal !== undefined)?.refusal ?? "policy"})`;
    case "held":
      return "asked, and waits for an answer, to run";
    case "ready":
    case "running":
    case "received":
      return "is running";
  }
}

function policyOf(
  decided: Record | undefined,
  records: readonly (Record | null)[],
  textOf: (digest: string) => PolicyText | undefined,
): Receipt["policy"] {
  const refused = records.findLast((record) => record?.refusal !== undefined);
  if (decided === undefined) {
    return {
      effect: refused === undefined ? "none" : "deny",
      sentence: refused?.sentence ?? "nothing was decided",
      determining: [],
      policySet: { revision: 0, digest: "" },
      nearMiss: [],
      errors: [],
    };
  }
  const { decision } = decided;
  return {
    effect: decision.effect,
    ...(decision.observed === undefined ? {} : { observed: decision.observed }),
    sentence: refused?.sentence ?? decision.sentence,
    determining: decision.determining.map((policy) => textOf(policy.digest) ?? policy),
    policySet: decision.policySet,
    input: decided.input,
    nearMiss: decision.nearMiss,
    errors: decision.errors,
  };
}

function checksOf(decided: Record | undefined, outcome: Record | undefined): Receipt["checks"] {
  const before = (decided?.checks ?? []).map((check) => ({ ...check, stage: "arguments" as const }));
  const after =
    outcome === decided ? [] : (outcome?.checks ?? []).map((check) => ({ ...check, stage: "result" as const }));
  return [...before, ...after];
}

function reversalOf(
  subject: Subject,
  state: State,
  records: readonly (Record | null)[],
  call: CallRecord | undefined,
  lastWorked: string | undefined,
): Receipt["reversal"] {
  const plan = records.findLast((record) => record?.plan !== undefined)?.plan;
  const reversedBy = records.findLast((record) => record?.by !== undefined)?.by;
  const base = {
    ...(plan === undefined ? {} : { plan }),
    ...(reversedBy === undefined ? {} : { reversedBy }),
    ...(call?.reverses === undefined ? {} : { reverses: call.reverses }),
    ...(lastWorked === undefined ? {} : { lastWorked }),
  };
  if (state === "reversed") return { sentence: `it was reversed by ${reversedBy ?? "another action"}`, ...base };
  if (state !== "done") return { sentence: "nothing ran that could be reversed", ...base };
  if (plan === undefined || plan.kind === "none")
    return { sentence: `it cannot be reversed: ${plan?.reason ?? "no plan"}`, ...base };
  if (plan.kind === "irreversible") return { sentence: `it is irreversible: ${plan.reason}`, ...base };
  return { sentence: `${plan.sentence}: run \`countersign reverse ${subject.subject}\``, ...base };
}
