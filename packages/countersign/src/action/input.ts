import type { ApprovalFact, CheckFact, DecisionInput, Facts, Stage, VetoFact } from "@countersign/contract";
import { changedSinceSignal } from "../catalog/index.ts";
import { type Call, callDigest } from "./call.ts";

export interface KnownFacts
  extends Pick<Facts, "counts" | "sums" | "formerly" | "previous" | "steps" | "reach" | "flow"> {
  readonly approvals: readonly ApprovalFact[];
  readonly checks: readonly CheckFact[];
  readonly vetoes?: readonly VetoFact[];
  readonly stopped: boolean;
  readonly reversal: "plan" | "irreversible" | "none";
}

/** The question that policy answers. Nothing in it comes from what the agent says about itself. */
export function decisionInput(
  call: Call,
  facts: KnownFacts,
  stage: Stage,
  decisionId: string,
  at: string,
): DecisionInput {
  const { caller, classified, tool } = call;
  return {
    v: 1,
    decisionId,
    at,
    stage,
    principal: {
      agent: caller.agent,
      tier: caller.tier,
      workflow: caller.workflow,
      dri: caller.dri,
      owner: caller.owner,
      ...(caller.onBehalfOf === undefined ? {} : { onBehalfOf: caller.onBehalfOf }),
      ...(caller.vouchedBy === undefined ? {} : { vouchedBy: caller.vouchedBy }),
      groups: caller.groups,
    },
    action: { tool: tool.id, verb: classified.verb, definitionDigest: tool.digest, reviewed: tool.reviewed },
    resource: {
      system: classified.system,
      // Not what else the workspace says of it: nothing is decided on that.
      environment: { name: classified.environment.name, production: classified.environment.production },
      target: classified.target,
      ...(classified.owner === undefined ? {} : { owner: classified.owner }),
      labels: classified.labels,
    },
    args: classified.projected,
    argsDigest: call.argsDigest,
    callDigest: callDigest(call),
    facts: {
      cured: [],
      approvals: facts.approvals,
      checks: facts.checks,
      ...(facts.vetoes === undefined || facts.vetoes.length === 0 ? {} : { vetoes: facts.vetoes }),
      signals: [...(classified.signals ?? []), ...(call.since === undefined ? [] : [changedSinceSignal])].sort(),
      stopped: facts.stopped,
      reversal: facts.reversal,
      counts: facts.counts,
      ...(facts.sums === undefined ? {} : { sums: facts.sums }),
      ...(facts.formerly === undefined ? {} : { formerly: facts.formerly }),
      ...(facts.previous === undefined ? {} : { previous: facts.previous }),
      ...(facts.steps === undefined ? {} : { steps: facts.steps }),
      ...(facts.reach === undefined ? {} : { reach: facts.reach }),
      ...(facts.flow === undefined ? {} : { flow: facts.flow }),
    },
    run: {
      id: call.run.id,
      step: call.run.step,
      tainted: call.run.tainted,
      ...(call.run.task === undefined ? {} : { task: call.run.task }),
      ...(call.run.parent === undefined ? {} : { parent: call.run.parent }),
      ...(call.run.planned === undefined ? {} : { planned: call.run.planned }),
    },
  };
}
