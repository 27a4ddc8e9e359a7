import type { Decision, DecisionInput, Json, JsonObject } from "@countersign/contract";

/** How much of the input is sent. */
export type Shown = "digest" | "masked" | "full";

export interface EventSource {
  readonly labels: Readonly<Record<string, string>>;
  readonly shown: Shown;
  /** Takes out what no log may hold. */
  readonly redact: (value: Json) => Json;
}

/** What a masked input leaves out: arguments, what is derived from them, down to digests that could be guessed at, and people's own words. */
const masked = [
  "/input/args",
  "/input/argsDigest",
  "/input/callDigest",
  "/input/resource/target",
  "/input/run/task",
  "/input/facts/approvals",
  "/input/facts/checks",
  "/input/facts/vetoes",
] as const;

/** One decision as OPA's decision logs have it. Members that OPA has have its names and types. */
export function eventOf(input: DecisionInput, decision: Decision, { labels, shown, redact }: EventSource): JsonObject {
  const event = {
    labels,
    decision_id: input.decisionId,
    bundles: { countersign: { revision: decision.policySet.digest } },
    path: "countersign/decision",
    requested_by: input.principal.agent,
    timestamp: input.at,
    metrics: { timer_rego_query_eval_ns: decision.micros * 1000 },
    input_digest: decision.inputDigest,
    ...inputOf(input, shown),
    result: resultOf(decision, shown),
  };
  const plain = JSON.parse(JSON.stringify(event)) as JsonObject;
  return shown === "full" ? (redact(plain) as JsonObject) : plain;
}

function inputOf(input: DecisionInput, shown: Shown): object {
  if (shown === "full") return { input };
  if (shown === "digest") return { erased: ["/input"] };
  const { args: _args, argsDigest: _digest, callDigest: _call, resource, run, facts, ...rest } = input;
  const { target: _target, ...where } = resource;
  const { task: _task, ...whichRun } = run;
  const { vetoes: _vetoes, approvals: _approvals, checks: _checks, ...known } = facts;
  return { input: { ...rest, resource: where, run: whichRun, facts: known }, erased: masked };
}

/** Sentences may repeat what a veto or a check said of the arguments, so they go with the arguments only. */
function resultOf(decision: Decision, shown: Shown): object {
  const { effect, observed, determining, requirements, obligations, policySet, sentence, errors } = decision;
  return {
    effect,
    allow: effect === "allow",
    ...(observed === undefined ? {} : { observed }),
    determining: determining.map(({ id, effect: kind, digest }) => ({ id, effect: kind, digest })),
    requirements: requirements.map(({ kind, policy }) => ({ kind, policy })),
    obligations: obligations.map(({ kind, policy }) => ({ kind, policy })),
    policy_set: policySet,
    ...(shown === "full" ? { sentence, errors } : {}),
  };
}
