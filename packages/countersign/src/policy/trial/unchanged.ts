import { isDeepStrictEqual } from "node:util";
import type { DecisionInput } from "@countersign/contract";
import type { CompiledPolicies } from "../policy.ts";
import { slicesOf } from "../slice.ts";

const mostKnown = 10_000;

/**
 * Whether two sets cannot but say the same to an input, as most of two versions of one set does: they have the same
 * policies for its tool and verb, see the same arguments, and say the same of its workflow. Found out once for each.
 */
export function unchanged(one: CompiledPolicies, other: CompiledPolicies): (input: DecisionInput) => boolean {
  const known = new Map<string, boolean>();
  return ({ principal, action }) => {
    const key = JSON.stringify([action.tool, action.verb, principal.workflow]);
    const before = known.get(key);
    if (before !== undefined) return before;
    const found = isSame(one, other, action, principal.workflow);
    if (known.size < mostKnown) known.set(key, found);
    return found;
  };
}

function isSame(
  one: CompiledPolicies,
  other: CompiledPolicies,
  { tool, verb }: DecisionInput["action"],
  workflow: string,
): boolean {
  const types = own(one.tools, tool);
  if (!isDeepStrictEqual(types, own(other.tools, tool))) return false;
  if (!isDeepStrictEqual(own(one.workflows, workflow), own(other.workflows, workflow))) return false;
  // Of a tool that is not known no policy is asked.
  if (types === undefined) return true;
  return isDeepStrictEqual(slicesOf(one, tool, verb).all.policies, slicesOf(other, tool, verb).all.policies);
}

function own<T>(members: { readonly [name: string]: T }, name: string): T | undefined {
  return Object.hasOwn(members, name) ? members[name] : undefined;
}
