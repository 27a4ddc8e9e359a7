import { expect, it } from "vitest";
import { byGaps, gapsOf, type gapWords } from "./gaps.ts";

const whole = {
  name: "scribe",
  owner: "ana@acme.example",
  workflow: "docs",
  dri: "bo@acme.example",
  tier: 2,
  purpose: null,
  frozen: null,
};
const workflows = [{ name: "docs", dri: "bo@acme.example", deputy: "ana@acme.example", tier: 2 }];
const people = [{ email: "ana@acme.example" }, { email: "bo@acme.example" }];

it("MT-29 what is missing around an agent is listed, the worst first", () => {
  expect(gapsOf(whole, workflows, people)).toEqual([]);
  expect(gapsOf({ ...whole, owner: "cy@acme.example", frozen: "its owner is gone" }, workflows, people)).toEqual([
    "frozen",
    "owner left",
  ]);
  expect(gapsOf({ ...whole, workflow: null, dri: null, tier: null }, workflows, people)).toEqual(["no workflow"]);
  expect(gapsOf(whole, [{ name: "docs", dri: "x", tier: 3 }], people)).toEqual(["no deputy", "tier not earned"]);
  expect(gapsOf({ ...whole, dri: "cy@acme.example" }, workflows, people)).toEqual(["DRI left"]);
});

it("agents with gaps come first", () => {
  const named = (name: string, gaps: readonly (keyof typeof gapWords)[]) => ({ name, gaps });
  const sorted = byGaps([named("b", []), named("c", ["no deputy"]), named("a", []), named("d", ["frozen"])]);
  expect(sorted.map(({ name }) => name)).toEqual(["d", "c", "a", "b"]);
});
