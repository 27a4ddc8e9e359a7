import { expect, it } from "vitest";
import { byGaps, gapsAround } from "./by-gaps.ts";

it("MT-29 agents with something missing come first, the frozen before them", () => {
  const agent = (name: string, frozen: string | null, gaps: readonly string[]) => ({ name, frozen, gaps });
  const sorted = byGaps([
    agent("b", null, []),
    agent("c", null, ["it is in no workflow"]),
    agent("a", null, []),
    agent("d", "its owner is gone", ["its owner is gone"]),
  ]);
  expect(sorted.map(({ name }) => name)).toEqual(["d", "c", "a", "b"]);
});

it("MT-29 what its workflow lacks is missing around an agent, too", () => {
  const workflow = { name: "docs", gaps: ["it has no deputy"], tier: 2 };
  expect(gapsAround({ gaps: [], tier: 2 }, workflow)).toEqual(["of workflow `docs`: it has no deputy"]);
  expect(gapsAround({ gaps: [], tier: 0 }, { ...workflow, gaps: [] })).toEqual([
    "its workflow asks for tier 2, and tier 0 is in force",
  ]);
  expect(gapsAround({ gaps: ["it is in no workflow"], tier: null }, undefined)).toEqual(["it is in no workflow"]);
});
