import type { DecisionInput } from "@countersign/contract";
import { World } from "../cedar/world.ts";
import { conditionsOf, decisiveCondition } from "../conditions.ts";
import type { CompiledPolicies, CompiledPolicy } from "../policy.ts";
import { questionOf } from "../question.ts";
import { slicesOf } from "../slice.ts";

/** A policy about a call's tool, with its conditions in the order in which they are looked at. */
export interface ConditionChain {
  readonly policy: string;
  readonly title?: string;
  readonly effect: "permit" | "forbid";
  readonly digest: string;
  readonly conditions: readonly {
    readonly kind: string;
    /** As Cedar. */
    readonly text: string;
    /** What the policy's own cure meets: an approval, a check, a wait. */
    readonly cure: boolean;
    /** Null: an earlier one did not hold, so it was not looked at. */
    readonly held: boolean | null;
    readonly error?: string;
  }[];
}

/** Every policy about the call's tool as chains of conditions: those that hold whole first, then the closest. Pure. */
export function explainDecision(input: DecisionInput, policies: CompiledPolicies): readonly ConditionChain[] {
  const { all } = slicesOf(policies, input.action.tool, input.action.verb);
  const world = new World(questionOf(all, input, policies).request);
  const chains = all.policies.map((policy) => chainOf(policy, world));
  const met = ({ conditions }: ConditionChain): number =>
    conditions.every(({ held }) => held === true) ? Infinity : conditions.filter(({ held }) => held === true).length;
  return chains.sort((one, other) => met(other) - met(one));
}

function chainOf({ id, title, effect, digest, syntax }: CompiledPolicy, world: World): ConditionChain {
  const first = decisiveCondition(syntax, world);
  const conditions = conditionsOf(syntax).map(({ kind, text, isCure }, at) => ({
    kind,
    text,
    cure: isCure,
    held: first === undefined || at < first.index ? true : at === first.index ? false : null,
    ...(first?.index === at && first.error !== undefined ? { error: first.error } : {}),
  }));
  return { policy: id, ...(title === undefined ? {} : { title }), effect, digest, conditions };
}
