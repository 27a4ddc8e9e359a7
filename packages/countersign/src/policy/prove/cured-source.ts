import type { CompiledPolicies, CompiledPolicy } from "../policy.ts";
import { isHopeless } from "./gate.ts";

/** A policy set as it stands in one environment. */
export interface Side {
  readonly name: string;
  readonly policies: CompiledPolicies;
  readonly sources: readonly CuredSource[];
}

/** A policy whose cure can be met; `key` is equal where one fact meets both, in this set and another. */
export interface CuredSource {
  readonly key: string;
  readonly id: string;
  readonly cure: CompiledPolicy["cure"];
}

export function curedSources(policies: readonly CompiledPolicy[]): readonly CuredSource[] {
  return policies.flatMap(({ id, digest, cure }) => (cure === undefined ? [] : [{ key: `${id} ${digest}`, id, cure }]));
}

/** Whether what meets the one check meets the other. */
export function isStricter({ cure: one }: CuredSource, { cure: other }: CuredSource): boolean {
  if (one?.kind !== "check" || other?.kind !== "check" || isHopeless(one) || isHopeless(other)) return false;
  return one.maxAgeMs <= other.maxAgeMs && other.names.every((name) => one.names.includes(name));
}
