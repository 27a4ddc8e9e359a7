import type { DecisionInput } from "@countersign/contract";
import { World } from "../cedar/world.ts";
import { conditionsOf, decisiveCondition } from "../conditions.ts";
import type { CompiledPolicies, CompiledPolicy } from "../policy.ts";
import { questionOf } from "../question.ts";
import { slicesOf } from "../slice.ts";

/** What cases show of one policy: that it holds somewhere, and that each condition somewhere keeps it from holding. */
export interface PolicyCoverage {
  readonly policy: string;
  readonly source: CompiledPolicy["source"];
  /** Cases that ask about one of its tools. */
  readonly asked: number;
  readonly held: number;
  readonly conditions: readonly { readonly text: string; readonly decisive: number }[];
  readonly covered: boolean;
}

/** Which policies and which of their conditions decided something in these inputs. */
export function coverageOf(policies: CompiledPolicies, inputs: readonly DecisionInput[]): readonly PolicyCoverage[] {
  const seen = new Map<string, { asked: number; held: number; decisive: number[] }>();
  for (const policy of policies.policies)
    seen.set(policy.id, { asked: 0, held: 0, decisive: conditionsOf(policy.syntax).map(() => 0) });
  for (const input of inputs) {
    const { all } = slicesOf(policies, input.action.tool, input.action.verb);
    const world = new World(questionOf(all, input, policies).request);
    for (const policy of all.policies) count(seen.get(policy.id), policy, world);
  }
  return policies.policies.map((policy) => {
    const { asked = 0, held = 0, decisive = [] } = seen.get(policy.id) ?? {};
    const conditions = conditionsOf(policy.syntax).flatMap(({ text, kind }, index) =>
      // A policy is only asked about the tools that its head names.
      kind === "action" ? [] : [{ text, decisive: decisive[index] ?? 0 }],
    );
    const covered = held > 0 && conditions.every((one) => one.decisive > 0);
    return { policy: policy.id, source: policy.source, asked, held, conditions, covered };
  });
}

function count(
  of: { asked: number; held: number; decisive: number[] } | undefined,
  policy: CompiledPolicy,
  world: World,
) {
  if (of === undefined) return;
  of.asked++;
  const first = decisiveCondition(policy.syntax, world);
  if (first === undefined) of.held++;
  else of.decisive[first.index] = (of.decisive[first.index] ?? 0) + 1;
}
