import { expect, it } from "vitest";
import { createStamp } from "./stamp.ts";

const startMs = Date.UTC(2026, 4, 1);

/** A database and a machine whose clocks agree until somebody sets one of them. */
function openClocks() {
  const at = { tick: 0, aheadMs: 0, databaseAheadMs: 0 };
  const clock = { tick: () => at.tick, now: () => startMs + at.tick + at.aheadMs };
  const databaseMs = () => startMs + at.tick + at.databaseAheadMs;
  const stamp = createStamp(clock, databaseMs());
  /** Asks the database, whose answer takes so long on its way back. */
  const ask = (backMs: number): void => {
    const asked = at.tick;
    const told = databaseMs();
    at.tick += backMs;
    stamp.heard(told, asked);
  };
  return { at, stamp, ask, databaseMs };
}

it("what the database told before a pause is not taken for what its clock says after it", () => {
  const { stamp, ask, databaseMs } = openClocks();
  for (const pauseMs of [5, 4_000, 300]) {
    ask(pauseMs);
    expect(stamp.now()).toBe(databaseMs());
    expect(stamp.skewMs()).toBe(0);
  }
});

it("now is never before what was stamped last, whatever the database says next", () => {
  const { at, stamp, ask } = openClocks();
  const first = stamp.next();
  at.databaseAheadMs = -1_000;
  ask(1);
  expect(stamp.now()).toBeGreaterThanOrEqual(Date.parse(first));
  expect([first, stamp.next()].toSorted()).toEqual([first, `${first.slice(0, -2)}1Z`]);
});

it("a clock that was set, here or there, is seen", () => {
  const { at, stamp, ask, databaseMs } = openClocks();
  at.aheadMs = 7_000;
  expect(stamp.skewMs()).toBe(7_000);
  at.aheadMs = 0;
  for (const [aheadMs, skew] of [
    [9_000, -9_000],
    [2_000, -2_000],
  ] as const) {
    at.databaseAheadMs = aheadMs;
    ask(3);
    expect(Math.abs(stamp.now() - databaseMs())).toBeLessThanOrEqual(3);
    expect(Math.abs(stamp.skewMs() - skew)).toBeLessThanOrEqual(3);
  }
});
