import type { DecisionInput } from "@countersign/contract";
import { cureState } from "./cure.ts";
import type { CompiledPolicies, CompiledPolicy } from "./policy.ts";
import { projectArguments } from "./project-arguments.ts";
import { type CedarRequest, cedarRequest } from "./request.ts";
import type { Slice } from "./slice.ts";
import { readsArgument } from "./syntax.ts";

/** One input as a slice's policies are asked it. */
export interface Question {
  readonly request: CedarRequest;
  /** Arguments that have no exact form for a policy, though one of this slice reads them. */
  readonly unreadable: readonly { readonly name: string; readonly reason: string }[];
  /** The policies that read those. */
  readonly readers: readonly CompiledPolicy[];
}

export function questionOf(slice: Slice, input: DecisionInput, policies: CompiledPolicies): Question {
  const types = policies.tools[input.action.tool] ?? {};
  const projected = projectArguments(input.args, types, slice.reads);
  const { dropped } = projected;
  // Of most calls every argument that is read has a form.
  const readers =
    dropped.length === 0
      ? []
      : slice.policies.filter((policy) => dropped.some(({ name }) => readsArgument(policy.reads, name)));
  // INVARIANT: `cured` comes from here alone, whatever the input says of it.
  const cured = slice.curable.filter((policy) => {
    // No approval meets no quorum, and of most calls there is none: that is told without counting.
    if (policy.cure.kind === "approval" && input.facts.approvals.length === 0) return false;
    return cureState(policy, input).kind === "met";
  });
  const ids = cured.map((policy) => policy.id);
  return {
    request: cedarRequest(input, policies, ids, projected.record, slice.zones),
    unreadable: dropped,
    readers,
  };
}
