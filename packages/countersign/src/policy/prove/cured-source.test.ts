import { expect, it } from "vitest";
import type { CompiledPolicy } from "../policy.ts";
import { besides, byKey, type CuredSource, curedSources, type Side } from "./cured-source.ts";

const of = (cure: CuredSource["cure"], key = "k"): CuredSource => ({ key, id: "p", digest: "sha256:p", cure });
const checks = (names: readonly string[], maxAgeMs: number): CuredSource => of({ kind: "check", names, maxAgeMs });
const wait = { kind: "wait", until: "2026-01-01T00:00:00Z" } as const;

it("the policies that can be cured are told by what counts as meeting them", () => {
  const approval = { kind: "approval", from: "x", count: 1, exclude: [], openMs: 1, validMs: 1 } as const;
  const plan = { kind: "check", names: ["b", "a"], maxAgeMs: 1 } as const;
  const policies = [
    { id: "a", digest: "sha256:1", cure: wait },
    { id: "b", digest: "sha256:2" },
    { id: "c", digest: "sha256:3", cure: approval },
    { id: "d", digest: "sha256:4", cure: plan },
  ] as unknown as readonly CompiledPolicy[];
  const sources = curedSources(policies);
  expect(sources).toEqual([
    { key: "a sha256:1", id: "a", digest: "sha256:1", cure: wait },
    { key: "c approval", id: "c", digest: "sha256:3", cure: approval },
    { key: "d check a b", id: "d", digest: "sha256:4", cure: plan },
  ]);
  const later = curedSources(policies.map((policy) => ({ ...policy, digest: "sha256:9" })));
  const sides = [sources, later].map((all) => ({ sources: all })) as unknown as readonly Side[];
  expect([...byKey(sides)].map(([key, texts]) => [key, texts.length])).toEqual([
    ["a sha256:1", 1],
    ["c approval", 2],
    ["d check a b", 2],
    ["a sha256:9", 1],
  ]);
});

it("a check is stricter where what meets it meets the other", () => {
  const cases: readonly (readonly [CuredSource, CuredSource, boolean])[] = [
    [checks(["a"], 5), checks(["a"], 5), true],
    [checks(["a"], 4), checks(["a"], 5), true],
    [checks(["a"], 6), checks(["a"], 5), false],
    [checks(["a", "b"], 5), checks(["a"], 5), true],
    [checks(["a", "b"], 5), checks(["b", "a"], 5), true],
    [checks(["a"], 5), checks(["a", "b"], 5), false],
    [checks(["b"], 5), checks(["a"], 5), false],
    [checks([], 5), checks(["a"], 5), false],
    [checks(["a"], 5), checks([], 5), false],
    [checks([], 5), checks([], 5), false],
    [of(wait), checks(["a"], 5), false],
    [checks(["a"], 5), of(wait), false],
  ];
  for (const [one, other, is] of cases) {
    const [first, second] = [
      { ...one, key: "one" },
      { ...other, key: "other" },
    ];
    const sources = byKey([{ sources: [first, second] } as unknown as Side]);
    const where = JSON.stringify([one, other]);
    expect(besides(sources, first).entailed, where).toEqual(is ? [second] : []);
    // Seen from the other side it is what entails, but where each entails the other.
    const { entailed, entailing } = besides(sources, second);
    expect([...entailed, ...entailing].includes(first), where).toBe(is || entailed.length > 0);
  }
});

it("of checks that are equally strict each entails the other, and is told once", () => {
  const [one, other] = [
    { ...checks(["a", "b"], 5), key: "one" },
    { ...checks(["b", "a"], 5), key: "other" },
  ];
  const sources = byKey([{ sources: [one, other] } as unknown as Side]);
  expect(besides(sources, one)).toEqual({ entailed: [other], entailing: [] });
  expect(besides(sources, other)).toEqual({ entailed: [one], entailing: [] });
});

it("of several texts that are entailed as one, or that entail as one, the first is told", () => {
  const texts = (key: string, ...ages: readonly number[]) => ages.map((age) => ({ ...checks(["a"], age), key }));
  const [strict, own, loose] = [texts("strict", 1, 2, 1), texts("own", 5), texts("loose", 8, 9, 8)];
  const sources = byKey([{ sources: [...strict, ...own, ...loose] } as unknown as Side]);
  expect(besides(sources, own[0]!)).toEqual({ entailed: [loose[0]], entailing: [strict[0]] });
});

it("of several texts that count as one, each has to be stricter", () => {
  const [short, long] = [
    { ...checks(["a"], 2), key: "own" },
    { ...checks(["a"], 9), key: "own" },
  ];
  const other = { ...checks(["a"], 5), key: "other" };
  const told = (own: readonly CuredSource[]) =>
    besides(byKey([{ sources: [...own, other] } as unknown as Side]), short);
  expect(told([short])).toEqual({ entailed: [other], entailing: [] });
  expect(told([long])).toEqual({ entailed: [], entailing: [other] });
  expect(told([short, long])).toEqual({ entailed: [], entailing: [] });
  expect(besides(new Map([["other", [other]]]), short)).toEqual({ entailed: [other], entailing: [] });
});
