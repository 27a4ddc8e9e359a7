import { describe, expect, it } from "vitest";
import { clockOf } from "../floor/local-time.ts";
import { answeredOverTime } from "./answered.ts";
import type { ReportedAction } from "./report.ts";

const answered = (at: string, decideMs: number, questions = 1): ReportedAction => ({
  atMs: Date.parse(at) - decideMs,
  workflow: "docs",
  writes: true,
  alone: false,
  granted: false,
  observed: false,
  questions: Array.from({ length: questions }, (_, of) => ({ policy: `p${of}`, approvals: 1 })),
  waitedMs: decideMs,
  answer: { atMs: Date.parse(at), decideMs },
});
const weekMs = 7 * 86_400_000;
/** From week to week, and to the last moment. */
const over = (actions: readonly ReportedAction[], from: string, to: string, zone = "UTC") => {
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
  const weeks = Array.from({ length: Math.ceil((toMs - fromMs) / weekMs) }, (_, at) => fromMs + at * weekMs);
  const clock = clockOf(zone);
  if (clock === undefined) throw new Error(`there is no zone ${zone}`);
  const { by, stretches } = answeredOverTime(actions, [...weeks, toMs], clock);
  const told = stretches.map(({ fromMs, toMs, questions, decideMs }) => ({
    since: new Date(fromMs).toISOString(),
    hours: (toMs - fromMs) / 3_600_000,
    questions,
    decideMs,
  }));
  return { by, told };
};

describe("what people answered over time", () => {
  it("is told by days, the first and the last as far as they lie in the period, and nothing is lost between them", () => {
    const actions = [
      answered("2026-11-19T15:59:59.999Z", 5),
      answered("2026-11-19T16:00:00Z", 10),
      answered("2026-11-19T23:59:59.999Z", 20, 2),
      answered("2026-11-20T00:00:00Z", 30),
      answered("2026-11-22T08:00:00Z", 40),
    ];
    const { by, told } = over(actions, "2026-11-19T16:00:00Z", "2026-11-22T08:00:00Z");
    expect(by).toBe("day");
    expect(told).toEqual([
      { since: "2026-11-19T16:00:00.000Z", hours: 8, questions: 3, decideMs: { p50: 10, p90: 20 } },
      { since: "2026-11-20T00:00:00.000Z", hours: 24, questions: 1, decideMs: { p50: 30, p90: 30 } },
      { since: "2026-11-21T00:00:00.000Z", hours: 24, questions: 0, decideMs: null },
      { since: "2026-11-22T00:00:00.000Z", hours: 8, questions: 0, decideMs: null },
    ]);
  });

  it("goes by the days of the zone, also where clocks are changed", () => {
    const spring = over([], "2026-03-28T23:00:00Z", "2026-03-30T22:00:00Z", "Europe/Berlin");
    expect(spring.told.map(({ hours }) => hours)).toEqual([23, 24]);
    const autumn = over([], "2026-10-24T22:00:00Z", "2026-10-26T23:00:00Z", "Europe/Berlin");
    expect(autumn.told.map(({ hours }) => hours)).toEqual([25, 24]);
    // Midnight itself comes twice, or never.
    const havana = over([], "2026-10-31T04:00:00Z", "2026-11-02T05:00:00Z", "America/Havana");
    expect(havana.told.map(({ hours }) => hours)).toEqual([24, 25]);
    const cairo = over([], "2026-04-22T22:00:00Z", "2026-04-24T21:00:00Z", "Africa/Cairo");
    expect(cairo.told.map(({ hours }) => hours)).toEqual([24, 23]);
    const one = [answered("2026-11-20T23:30:00Z", 10)];
    const [utc, kathmandu] = ["UTC", "Asia/Kathmandu"].map((zone) =>
      over(one, "2026-11-20T00:00:00Z", "2026-11-22T00:00:00Z", zone).told.findIndex(
        ({ questions }) => questions === 1,
      ),
    );
    expect([utc, kathmandu]).toEqual([0, 1]);
  });

  it("is told by days where eight weeks have an hour more, as when clocks are changed", () => {
    const { by, told } = over([], "2026-09-06T22:00:00Z", "2026-11-01T23:00:00Z", "Europe/Berlin");
    expect([by, told.length]).toEqual(["day", 56]);
    expect(told.map(({ hours }) => hours).filter((hours) => hours !== 24)).toEqual([25]);
  });

  it("is told from bound to bound, where there are more than eight", () => {
    const eight = over([], "2026-09-01T12:00:00Z", "2026-10-27T12:00:00Z");
    expect([eight.by, eight.told.length]).toEqual(["day", 57]);
    const nine = over([answered("2026-11-03T11:00:00Z", 7)], "2026-09-01T12:00:00Z", "2026-11-03T12:00:00Z");
    expect([nine.by, nine.told.length]).toEqual(["week", 9]);
    expect(nine.told.every(({ hours }) => hours === 168)).toBe(true);
    expect(nine.told.at(-1)).toMatchObject({ questions: 1, decideMs: { p50: 7, p90: 7 } });
  });

  it("leaves out what nobody answered, and is nothing where there is no time", () => {
    const { answer: _, ...lapsed } = answered("2026-11-20T12:00:00Z", 10);
    const { told } = over([lapsed], "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z");
    expect(told).toMatchObject([{ questions: 0, decideMs: null }]);
    expect(over([], "2026-11-20T00:00:00Z", "2026-11-20T00:00:00Z").told).toEqual([]);
  });
});
