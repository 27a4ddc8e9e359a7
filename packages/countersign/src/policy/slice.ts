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

interface Known {
  /** Places in the set of the policies that match every action, and of those that name a tool or a verb. */
  readonly every: readonly number[];
  readonly naming: ReadonlyMap<string, readonly number[]>;
  /** By verb and tool. */
  readonly slices: Map<string, Map<string, Slices>>;
}

// Owned here alone: a function of the policy set, and dies with it.
const known = new WeakMap<CompiledPolicies, Known>();

export function slicesOf(set: CompiledPolicies, tool: string, verb: Verb): Slices {
  const ofSet = known.get(set) ?? placesIn(set);
  const ofVerb = ofSet.slices.get(verb) ?? new Map<string, Slices>();
  const before = ofVerb.get(tool);
  if (before !== undefined) return before;
  const slices = cut(set, ofSet, [tool, verb]);
  known.set(set, ofSet);
  ofSet.slices.set(verb, ofVerb.set(tool, slices));
  return slices;
}

function placesIn({ policies }: CompiledPolicies): Known {
  const every: number[] = [];
  const naming = new Map<string, number[]>();
  for (const [place, { action }] of policies.entries()) {
    if (action === null) every.push(place);
    for (const name of action ?? []) {
      const places = naming.get(name);
      if (places === undefined) naming.set(name, [place]);
      else places.push(place);
    }
  }
  return { every, naming, slices: new Map() };
}

function cut({ policies }: CompiledPolicies, { every, naming }: Known, names: readonly string[]): Slices {
  const places = new Set([...every, ...names.flatMap((name) => naming.get(name) ?? [])]);
  // In the order of the set, and each once.
  const matching = [...places].sort((one, other) => one - other).map((place) => policies[place] as CompiledPolicy);
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
