import type { Decision, DecisionInput } from "@countersign/contract";
import { World } from "../cedar/world.ts";
import { decisiveCondition } from "../conditions.ts";
import { decide } from "../decide.ts";
import type { CompiledPolicies } from "../policy.ts";
import { questionOf } from "../question.ts";
import { slicesOf } from "../slice.ts";

/** A policy about the call's tool that does not hold for it. */
export interface NearMiss {
  readonly policy: string;
  readonly title?: string;
  readonly effect: "permit" | "forbid";
  /** The first condition that is not met, as Cedar. */
  readonly condition: string;
  /** How many conditions were met before it. */
  readonly met: number;
  /** Why the condition could not be evaluated, where it could not. */
  readonly error?: string;
}

const mostMisses = 200;

/** Decides an input and says of every other policy about its tool what kept it from holding; the closest first. */
export function explainInput(
  input: DecisionInput,
  policies: CompiledPolicies,
): { readonly decision: Decision; readonly nearMiss: readonly NearMiss[] } {
  const decision = decide(input, policies);
  const { all } = slicesOf(policies, input.action.tool, input.action.verb);
  const world = new World(questionOf(all, input, policies).request);
  const nearMiss = all.policies.flatMap(({ id, title, effect, syntax }): readonly NearMiss[] => {
    const first = decisiveCondition(syntax, world);
    if (first === undefined) return [];
    const { condition, index, error } = first;
    const named = { policy: id, ...(title === undefined ? {} : { title }), effect };
    return [{ ...named, condition: condition.text, met: index, ...(error === undefined ? {} : { error }) }];
  });
  return { decision, nearMiss: nearMiss.sort((one, other) => other.met - one.met).slice(0, mostMisses) };
}
