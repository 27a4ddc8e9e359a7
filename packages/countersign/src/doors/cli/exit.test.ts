import { type State, states } from "@countersign/contract";
import { expect, it } from "vitest";
import { exitOf } from "./exit.ts";

it("ends each state as the table of exit codes says", () => {
  const expected: Record<State, number> = {
    received: 0,
    held: 0,
    ready: 0,
    running: 0,
    done: 0,
    failed: 1,
    unknown: 9,
    refused: 3,
    reversed: 0,
  };
  expect(Object.fromEntries(states.map((state) => [state, exitOf({ state })]))).toEqual(expected);
  expect([exitOf({ state: "done", isError: true }), exitOf({ state: "done", isError: false })]).toEqual([1, 0]);
  // It was undone since: that is what was asked for last.
  expect(exitOf({ state: "reversed", isError: true })).toBe(0);
});
