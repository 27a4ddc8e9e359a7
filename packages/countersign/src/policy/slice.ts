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
  /** Those that something can cure. */
  readonly curable: readonly Curable[];
  /** Arguments that some policy here reads; null where one reads all. */
  readonly reads: readonly string[] | null;
  /** Time zones whose clocks some policy here reads. */
  readonly zones: readonly string[];
}

export type Curable = CompiledPolicy & Required<Pick<CompiledPolicy, "cure">>;

export interface Slices {
  readonly enforced: Slice;
  /** With the policies that are only observed; the same slice where there are none. */
  readonly all: Slice;
}

// Owned here alone: slices are a function of the policy set, and die with it.
const known = new WeakMap<CompiledPolicies, Map<string, Map<string, Slices>>>();

export function slicesOf(set: CompiledPolicies, tool: string, verb: Verb): Slices {
  const ofVerb = known.get(set)?.get(verb);
  const before = ofVerb?.get(tool);
  if (before !== undefined) return before;
  const slices = cut(set, tool, verb);
  const ofSet = known.get(set) ?? new Map<string, Map<string, Slices>>();
  known.set(set, ofSet.set(verb, (ofVerb ?? new Map<string, Slices>()).set(tool, slices)));
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
    curable: policies.filter(isCurable),
    reads: reads.every((one) => one !== null) ? [...new Set(reads.flat())].sort() : null,
    zones: [...new Set(policies.flatMap((policy) => zonesRead(policy.syntax)))],
  };
}

function isCurable(policy: CompiledPolicy): policy is Curable {
  return policy.cure !== undefined;
}
