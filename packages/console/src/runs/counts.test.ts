import { expect, it } from "vitest";
import { countStates, worstFirst } from "./counts.ts";

it("what went wrong is told before how much is done", () => {
  const states = countStates([
    { state: "done" },
    { state: "held" },
    { state: "done" },
    { state: "unknown" },
    { state: "refused" },
  ]);
  expect(worstFirst(states)).toEqual([
    ["unknown", 1],
    ["refused", 1],
    ["held", 1],
    ["done", 2],
  ]);
  expect(worstFirst({ failed: 0, "something else": 1, done: 1 })[0]).toEqual(["something else", 1]);
});
