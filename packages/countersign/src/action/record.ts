import type {
  ApprovalFact,
  CheckFact,
  Confidentiality,
  Decision,
  DecisionInput,
  Json,
  JsonObject,
  ReversalPlan,
  Risk,
  UndoLink,
} from "@countersign/contract";
import type { Workload } from "../identity/index.ts";
import type { Call, RunOf } from "./call.ts";
import type { Given } from "./given.ts";
import type { EditRecord } from "./questions.ts";

/** Shapes of the private payloads in the ledger. The first entry of an action holds `call`; receipts read the rest from here too. */
export interface CallRecord {
  readonly door: string;
  readonly server: string;
  readonly tool: string;
  readonly method: string;
  readonly params: JsonObject;
  readonly args: JsonObject;
  readonly argsDigest: string;
  readonly callDigest: string;
  readonly definitionDigest: string;
  readonly system: string;
  readonly target: string;
  readonly environment: string;
  readonly production: boolean;
  readonly verb: string;
  readonly labels: readonly string[];
  readonly owner: string;
  readonly dri: string;
  readonly tier: number;
  readonly credential: string;
  /** Where the credential is a workload identity: who vouched for the agent, and as what. */
  readonly workload?: Workload;
  readonly onBehalfOf?: string;
  readonly vouchedBy?: readonly string[];
  readonly idempotencyKey?: string;
  readonly claim?: string;
  readonly reverses?: string;
  /** Absent where a version before this recorded it: then its claim says the same. */
  readonly undoes?: UndoLink;
  readonly edit?: EditRecord;
  readonly run: RunOf;
}

export interface DecidedRecord {
  readonly call?: CallRecord;
  readonly input: DecisionInput;
  readonly decision: Decision;
  readonly approvals?: readonly ApprovalFact[];
  readonly checks: readonly CheckFact[];
  readonly before?: Json;
  /** Of an undo whose target is not for certain as the deed left it. */
  readonly since?: string;
  readonly plan?: ReversalPlan;
  /** How many people each policy that asks could be answered by when it asked. */
  readonly mayAnswer?: readonly { readonly policy: string; readonly people: number }[];
  /** How much depended on the answer, as people were told. */
  readonly risk?: Risk;
  readonly refusal?: string;
  readonly sentence?: string;
  readonly revision: number;
  readonly fence?: number;
  readonly deadlineMs?: number;
}

export interface OutcomeRecord {
  readonly kind: "answered" | "error" | "never_sent" | "lost" | "stopped";
  readonly result?: Json;
  readonly error?: Json;
  readonly isError?: boolean;
  /** Digest of the upstream's answer before redaction. */
  readonly resultDigest?: string;
  readonly redactions?: number;
  /** By the labels of its tool's rule it is without what is so confidential, or more. */
  readonly cut?: Confidentiality;
  readonly withheld?: string;
  readonly checks?: readonly CheckFact[];
  readonly reason?: string;
  readonly dispatchedAt?: string;
  readonly answeredAt?: string;
  /** How an unknown was settled, and by whom. */
  readonly evidence?: Json;
  /** What the agent's client answered to the server's own questions while the call ran. */
  readonly given?: readonly Given[];
  readonly plan?: ReversalPlan;
}

/** Whether a result came that is not of the type that its tool declares. */
export function isMistyped(outcome: Pick<OutcomeRecord, "checks"> | null | undefined): boolean {
  return outcome?.checks?.some((check) => check.name === "schema" && check.verdict !== "pass") === true;
}

export function callRecord(call: Call, digest: string): CallRecord {
  const { caller, submission, classified } = call;
  return {
    door: submission.door,
    server: submission.server,
    tool: submission.tool,
    method: submission.method,
    params: submission.params,
    args: submission.args,
    argsDigest: call.argsDigest,
    callDigest: digest,
    definitionDigest: call.tool.digest,
    system: classified.system,
    target: classified.target,
    environment: classified.environment.name,
    production: classified.environment.production,
    verb: classified.verb,
    labels: classified.labels,
    owner: caller.owner,
    dri: caller.dri,
    tier: caller.tier,
    credential: caller.credential,
    ...(caller.workload === undefined ? {} : { workload: caller.workload }),
    ...(caller.onBehalfOf === undefined ? {} : { onBehalfOf: caller.onBehalfOf }),
    ...(caller.vouchedBy === undefined ? {} : { vouchedBy: caller.vouchedBy }),
    ...(submission.idempotencyKey === undefined ? {} : { idempotencyKey: submission.idempotencyKey }),
    ...(submission.claim === undefined ? {} : { claim: submission.claim }),
    ...(call.reverses === undefined ? {} : { reverses: call.reverses }),
    ...(call.undoes === undefined ? {} : { undoes: call.undoes }),
    ...(call.edit === undefined ? {} : { edit: call.edit }),
    run: call.run,
  };
}

/** Policy texts are in the ledger once, under the policy set's digest; an action's record names them. */
export function leanDecision(decision: Decision): Decision {
  return { ...decision, determining: decision.determining.map((policy) => ({ ...policy, text: "" })) };
}
