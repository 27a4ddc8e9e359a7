import type { Verb } from "@countersign/contract";
import { digestText } from "../floor/digest.ts";
import type { CompiledPolicies, CompiledPolicy } from "./policy.ts";
import { zonesRead } from "./syntax.ts";

/** The policies whose action scope can match one tool under one verb. */
export interface Slice {
  /** Equal for equal policies, so that an engine can keep what it prepared. */
  readonly key: string;
  readonly policies: readonly CompiledPolicy[];
  readonly byId: ReadonlyMap<string, CompiledPolicy>;
  /** Arguments that some policy here reads; null where one reads all. */
  readonly reads: readonly string[] | null;
  /** Time zones whose clocks some policy here reads. */
  readonly zones: readonly string[];
}

export interface Slices {
  readonly enforced: Slice;
  /** With the policies that are only observed; the same slice where there are none. */
  readonly all: Slice;
}

// Owned here alone: slices are a function of the policy set, and die with it.
const known = new WeakMap<CompiledPolicies, Map<string, Slices>>();

export function slicesOf(set: CompiledPolicies, tool: string, verb: Verb): Slices {
  const ofSet = known.get(set) ?? new Map<string, Slices>();
  known.set(set, ofSet);
  const name = `${verb} ${tool}`;
  const slices = ofSet.get(name) ?? cut(set, tool, verb);
  ofSet.set(name, slices);
  return slices;
}

function cut(set: CompiledPolicies, tool: string, verb: Verb): Slices {
  const matching = set.policies.filter(
    ({ action }) => action === null || action.includes(tool) || action.includes(verb),
  );
  const enforced = matching.filter((policy) => policy.mode !== "observe");
  const all = sliceOf(matching);
  return { all, enforced: enforced.length === matching.length ? all : sliceOf(enforced) };
}

export function sliceOf(policies: readonly CompiledPolicy[]): Slice {
  const reads = policies.map((policy) => policy.reads);
  return {
    key: digestText(policies.map((policy) => `${policy.id} ${policy.digest}`).join("\n")),
    policies,
    byId: new Map(policies.map((policy) => [policy.id, policy])),
    reads: reads.every((one) => one !== null) ? [...new Set(reads.flat())].sort() : null,
    zones: [...new Set(policies.flatMap((policy) => zonesRead(policy.syntax)))],
  };
}
