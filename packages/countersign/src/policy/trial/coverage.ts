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
  const cases = inputs.map((input) => {
    const { all } = slicesOf(policies, input.action.tool, input.action.verb);
    return { all, world: new World(questionOf(all, input, policies).request) };
  });
  return policies.policies.map((policy) =>
    coveredBy(
      policy,
      cases.filter(({ all }) => all.byId.has(policy.id)).map(({ world }) => world),
    ),
  );
}

function coveredBy({ id, source, syntax }: CompiledPolicy, worlds: readonly World[]): PolicyCoverage {
  // Undefined where it held.
  const decisive = worlds.map((world) => decisiveCondition(syntax, world)?.index);
  const times = (index: number | undefined) => decisive.filter((one) => one === index).length;
  const conditions = conditionsOf(syntax).flatMap(({ text, kind }, index) =>
    // A policy is only asked about the tools that its head names.
    kind === "action" ? [] : [{ text, decisive: times(index) }],
  );
  const held = times(undefined);
  const covered = held > 0 && conditions.every((one) => one.decisive > 0);
  return { policy: id, source, asked: worlds.length, held, conditions, covered };
}
