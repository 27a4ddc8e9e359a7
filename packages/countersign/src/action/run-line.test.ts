import fc from "fast-check";
import { expect, it } from "vitest";
import type { PlannedStep } from "./call.ts";
import type { Plane } from "./plane.ts";
import { countedRun, plannedIn, tierUnder } from "./run-line.ts";

const step = fc.record(
  { tool: fc.constantFrom("a.x", "a.y"), target: fc.constantFrom("one", "two") },
  { requiredKeys: ["tool"] },
);
const plan = fc.option(fc.array(step as fc.Arbitrary<PlannedStep>, { maxLength: 3 }), { nil: null });
const call = fc.record({ tool: fc.constantFrom("a.x", "a.y"), target: fc.constantFrom("one", "two") });
/** What policy may make of it: a step that a plan asks for is more than one that no plan speaks of. */
const worth = (planned: boolean | undefined): number => (planned === undefined ? 1 : planned ? 2 : 0);

it("MT-107 what an agent opens under a run is never planned where the run above is not, whatever plan it names", () => {
  let [narrower, same] = [0, 0];
  fc.assert(
    fc.property(plan, fc.array(plan, { minLength: 1, maxLength: 4 }), call, (top, below, asked) => {
      const line = [...below.map((one) => ({ plan: one, trusted: false })), { plan: top, trusted: true }];
      const child = worth(plannedIn(line, asked));
      const parent = worth(plannedIn(line.slice(1), asked));
      expect(child).toBeLessThanOrEqual(parent);
      if (child < parent) narrower++;
      else same++;
    }),
    { numRuns: 2_000 },
  );
  expect([narrower > 50, same > 50]).toEqual([true, true]);
});

it("MT-107 a call under another agent's run has no higher tier than that agent has now, and none where it is gone", () => {
  const tiers: { readonly [agent: string]: 0 | 1 | 2 | 3 } = { low: 1, high: 3 };
  const plane = {
    caller: (agent: string) => (tiers[agent] === undefined ? undefined : { tier: tiers[agent] }),
  } as unknown as Plane;
  const under = (...agents: string[]) =>
    tierUnder(plane, { tier: 2 }, { above: agents.map((agent) => ({ agent, workflow: "w" })) });
  expect([under(), under("high"), under("low"), under("high", "low"), under("gone")]).toEqual([2, 2, 1, 1, 0]);
  expect(tierUnder(plane, { tier: 2 }, {})).toBe(2);
});

it("MT-107 limits of a run are those of the run that a person opened above it", () => {
  expect([countedRun({ id: "b", root: "a" }), countedRun({ id: "a", root: "a" }), countedRun({ id: "c" })]).toEqual([
    "a",
    "a",
    "c",
  ]);
});
