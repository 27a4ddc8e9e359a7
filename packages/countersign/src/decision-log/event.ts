import type { Decision, DecisionInput } from "@countersign/contract";

/** How much of the input is sent. */
export type Shown = "digest" | "masked" | "full";

/** What a masked input leaves out: arguments, what is derived from them, down to digests that could be guessed at, and people's own words. */
const masked = [
  "/input/args",
  "/input/argsDigest",
  "/input/callDigest",
  "/input/resource/target",
  "/input/run/task",
  "/input/principal/onBehalfOf",
  "/input/principal/vouchedBy",
  ...["approvals", "checks", "vetoes", "signals", "counts", "sums", "formerly", "previous", "steps", "reach"].map(
    (fact) => `/input/facts/${fact}`,
  ),
];

/**
 * One decision as OPA's decision logs have it. Members that OPA has have its names and types. Made at once, so that what
 * is not sent is not kept in memory either.
 */
export function eventOf(
  input: DecisionInput,
  decision: Decision,
  labels: Readonly<Record<string, string>>,
  shown: Shown,
): object {
  return {
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
}

function inputOf(input: DecisionInput, shown: Shown): object {
  if (shown === "full") return { input };
  if (shown === "digest") return { erased: ["/input"] };
  const { args: _args, argsDigest: _digest, callDigest: _call, principal, resource, run, facts, ...rest } = input;
  const { target: _target, ...where } = resource;
  const { task: _task, ...whichRun } = run;
  // By name: what is told of the arguments by a fact that comes later stays here too.
  const { cured, stopped, reversal } = facts;
  const { onBehalfOf: _for, vouchedBy: _by, ...who } = principal;
  return {
    input: { ...rest, principal: who, resource: where, run: whichRun, facts: { cured, stopped, reversal } },
    erased: masked,
  };
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
