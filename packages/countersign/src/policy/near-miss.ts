import type { Decision, DecisionInput } from "@countersign/contract";
import type { CompiledPolicy } from "./policy.ts";
import type { Slice } from "./slice.ts";

/** Permits that name the tool and did not hold, and why, for operators only: it tells who else may do what. */
export function nearMisses(slice: Slice, held: readonly string[], input: DecisionInput): Decision["nearMiss"] {
  return slice.policies
    .filter((policy) => policy.effect === "permit" && !held.includes(policy.id))
    .map((policy) => ({ policy: policy.id, sentence: reason(policy, input) }));
}

function reason(policy: CompiledPolicy, { principal }: DecisionInput): string {
  const scope = policy.principal;
  if (scope?.type === "Workflow" && scope.id !== principal.workflow)
    return `it is for workflow \`${scope.id}\`, and the call came in \`${principal.workflow}\``;
  if (scope?.type === "Agent" && scope.id !== principal.agent) return `it is for agent \`${scope.id}\``;
  if (scope?.type === "Group" && !principal.groups.includes(scope.id)) return `it is for group \`${scope.id}\``;
  return `its conditions do not hold for agent \`${principal.agent}\``;
}
