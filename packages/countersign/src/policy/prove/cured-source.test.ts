import { expect, it } from "vitest";
import type { CompiledPolicy } from "../policy.ts";
import { type CuredSource, curedSources, isStricter } from "./cured-source.ts";

const checks = (names: readonly string[], maxAgeMs: number): CuredSource => ({
  key: "k",
  id: "p",
  digest: "sha256:1",
  cure: { kind: "check", names, maxAgeMs },
});

it("the policies that can be cured are told by their id and their text", () => {
  const cure = { kind: "wait", until: "2026-01-01T00:00:00Z" } as const;
  const policies = [
    { id: "a", digest: "sha256:1", cure },
    { id: "b", digest: "sha256:2" },
  ] as unknown as readonly CompiledPolicy[];
  expect(curedSources(policies)).toEqual([{ key: "a sha256:1", id: "a", digest: "sha256:1", cure }]);
});

it("an approval of one text stands for the other, and so does the same check of another age; another check does not", () => {
  const keysOf = (digest: string, cure: unknown) =>
    curedSources([{ id: "a", digest, cure }] as unknown as readonly CompiledPolicy[]).map(({ key }) => key);
  const approval = { kind: "approval", count: 1 };
  expect(keysOf("sha256:1", approval)).toEqual(keysOf("sha256:2", { ...approval, count: 2 }));
  const check = { kind: "check", names: ["x", "y"], maxAgeMs: 1 };
  expect(keysOf("sha256:1", check)).toEqual(keysOf("sha256:2", { ...check, names: ["y", "x"], maxAgeMs: 2 }));
  expect(keysOf("sha256:1", check)).not.toEqual(keysOf("sha256:1", { ...check, names: ["x"] }));
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
    [checks(["a"], 5), { key: "k", id: "p", digest: "sha256:1", cure: undefined }, false],
    [{ key: "k", id: "p", digest: "sha256:1", cure: undefined }, checks(["a"], 5), false],
    [
      { key: "k", id: "p", digest: "sha256:1", cure: { kind: "wait", until: "2026-01-01T00:00:00Z" } },
      checks(["a"], 5),
      false,
    ],
    [
      checks(["a"], 5),
      { key: "k", id: "p", digest: "sha256:1", cure: { kind: "wait", until: "2026-01-01T00:00:00Z" } },
      false,
    ],
  ];
  for (const [one, other, is] of cases) expect(isStricter(one, other), JSON.stringify([one, other])).toBe(is);
});
