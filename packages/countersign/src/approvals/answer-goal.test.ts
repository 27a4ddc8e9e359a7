import { describe, expect, it } from "vitest";
import { type AnswerGoal, type AskedStay, keptOf } from "./answer-goal.ts";

const minute = 60_000;
const nowMs = 1_000_000_000;
const goal: AnswerGoal = { targetMs: 30 * minute, share: 0.9, overMs: 600 * minute };
const how = (ended: "answered" | "lapsed" | "withdrawn", ago: number, took: number): AskedStay => ({
  workflow: "w",
  askedMs: nowMs - ago * minute,
  ended: { atMs: nowMs - (ago - took) * minute, how: ended },
});
const open = (ago: number): AskedStay => ({ workflow: "w", askedMs: nowMs - ago * minute });
const times = (count: number, one: AskedStay): AskedStay[] => Array.from({ length: count }, () => one);
const kept = (stays: readonly AskedStay[], wanted = goal) => keptOf(stays, wanted, nowMs, wanted.overMs);

describe("MT-91 whether people answer as fast as they mean to", () => {
  it("is kept at the very share, and missed below it", () => {
    const nine = times(9, how("answered", 100, 10));
    expect(kept([...nine, how("answered", 100, 31)])).toMatchObject({
      counted: 10,
      missed: 1,
      share: 0.9,
      state: "kept",
      sentence: "kept: 9 of 10 questions were answered within 30 min (90 %), and the goal is 90 %",
    });
    expect(kept([...nine.slice(1), how("answered", 100, 31)])).toMatchObject({
      state: "missed",
      sentence: "missed: 8 of 9 questions were answered within 30 min (88.8 %), and the goal is 90 %",
    });
  });

  it("counts what lapsed as missed, however early, and what was taken back in time not at all", () => {
    expect(kept([how("lapsed", 100, 5), how("withdrawn", 100, 5)])).toMatchObject({
      counted: 1,
      lapsed: 1,
      missed: 1,
      state: "missed",
    });
    // Taken back after the target had passed: somebody waited too long for an answer.
    expect(kept([how("withdrawn", 100, 60)])).toMatchObject({ counted: 1, missed: 1 });
  });

  it("counts what still waits as missed once the target has passed", () => {
    expect(kept([open(31)])).toMatchObject({ counted: 1, missed: 1, pending: 0, state: "missed" });
    expect(kept([open(30)])).toMatchObject({ counted: 0, missed: 0, pending: 1 });
  });

  it("warns while people can still do something: what has waited for half of the time would miss it", () => {
    const ten = times(10, how("answered", 100, 10));
    expect(kept([...ten, open(14), open(14)])).toMatchObject({ state: "kept", pending: 2 });
    expect(kept([...ten, open(15), open(15)])).toMatchObject({
      state: "at_risk",
      sentence:
        "about to be missed: 10 of 10 questions were answered within 30 min (100 %), the goal is 90 %, and 2 of 2 that wait have waited for half of that time",
    });
    expect(kept([...ten, open(15)])).toMatchObject({ state: "kept" });
    expect(kept([open(20)])).toMatchObject({ state: "at_risk", share: null });
  });

  it("says how much of the room for misses is used", () => {
    const all = [...times(19, how("answered", 100, 10)), how("answered", 100, 40)];
    expect(kept(all).used).toBeCloseTo(0.5, 9);
    expect(kept(all, { ...goal, share: 1 })).toMatchObject({ used: null, state: "missed" });
    expect(kept([], { ...goal, share: 1 })).toMatchObject({ used: 0, share: null, state: "kept" });
  });

  it("counts within the window: by when it was answered, or the target passed", () => {
    expect(kept([how("answered", 700, 10)])).toMatchObject({ counted: 0 });
    expect(kept([how("answered", 700, 200)])).toMatchObject({ counted: 1, missed: 1 });
    expect(kept([open(700)])).toMatchObject({ counted: 0, pending: 0 });
  });

  it("is measured and not judged where nobody set a goal", () => {
    const stays = [how("answered", 100, 10), how("lapsed", 100, 90), open(400)];
    expect(keptOf(stays, undefined, nowMs, 600 * minute)).toMatchObject({
      counted: 2,
      missed: null,
      share: null,
      state: null,
      pending: 1,
      waitMs: { p50: 10 * minute, p90: 10 * minute },
      sentence: "1 answered, 1 lapsed without an answer, 1 wait; no target is set",
    });
  });
});
