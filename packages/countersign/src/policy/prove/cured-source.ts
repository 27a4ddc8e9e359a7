import type { CompiledPolicies, CompiledPolicy } from "../policy.ts";
import { isHopeless } from "./gate.ts";

/** A policy set as it stands in one environment. */
export interface Side {
  readonly name: string;
  readonly policies: CompiledPolicies;
  readonly sources: readonly CuredSource[];
}

/** A policy whose cure can be met; `key` is equal where it counts as met in this set and another alike. */
export interface CuredSource {
  readonly key: string;
  readonly id: string;
  readonly digest: string;
  readonly cure: NonNullable<CompiledPolicy["cure"]>;
}

/**
 * The curable policies of a set. Whoever is asked answers what is in force: an approval that one text of a policy gets, its
 * other text gets, too, also where it asks other people or for another time; and so with the same check of another age.
 * Otherwise every change of a text would allow what somebody approved under the new one. What is asked otherwise is told
 * by itself.
 */
export function curedSources(policies: readonly CompiledPolicy[]): readonly CuredSource[] {
  return policies.flatMap(({ id, digest, cure }) =>
    cure === undefined ? [] : [{ key: keyOf({ id, digest, cure }), id, digest, cure }],
  );
}

function keyOf({ id, digest, cure }: Omit<CuredSource, "key">): string {
  if (cure.kind === "approval") return `${id} approval`;
  if (cure.kind === "check") return `${id} check ${cure.names.toSorted().join(" ")}`;
  return `${id} ${digest}`;
}

/** Every text that counts as met with a key. */
export function byKey(sides: readonly Side[]): ReadonlyMap<string, readonly CuredSource[]> {
  return Map.groupBy(
    sides.flatMap((side) => side.sources),
    ({ key }) => key,
  );
}

/** Whether what meets the one check meets the other. */
export function isStricter({ cure: one }: CuredSource, { cure: other }: CuredSource): boolean {
  if (one.kind !== "check" || other.kind !== "check" || isHopeless(other)) return false;
  return one.maxAgeMs <= other.maxAgeMs && other.names.every((name) => one.names.includes(name));
}

/** Other sources that are met wherever this one is, and those that are met nowhere else: of every text of both, or it is no fact. */
export function besides(
  sources: ReadonlyMap<string, readonly CuredSource[]>,
  source: CuredSource,
): { readonly entailed: readonly CuredSource[]; readonly entailing: readonly CuredSource[] } {
  const own = sources.get(source.key) ?? [source];
  const others = [...sources].filter(([key]) => key !== source.key).map(([, texts]) => texts);
  const isAllStricter = (some: readonly CuredSource[], than: readonly CuredSource[]): boolean =>
    some.every((one) => than.every((two) => isStricter(one, two)));
  const entailed = others.filter((texts) => isAllStricter(own, texts));
  const entailing = others.filter((texts) => !entailed.includes(texts) && isAllStricter(texts, own));
  const firsts = (all: readonly (readonly CuredSource[])[]) => all.flatMap((texts) => texts.slice(0, 1));
  return { entailed: firsts(entailed), entailing: firsts(entailing) };
}
