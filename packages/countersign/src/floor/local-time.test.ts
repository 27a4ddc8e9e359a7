import { afterEach, describe, expect, it, vi } from "vitest";
import { clockOf, endOfDay, isZone, localTime, type ZoneClock } from "./local-time.ts";

afterEach(() => vi.restoreAllMocks());

const clockIn = (zone: string): ZoneClock => {
  const clock = clockOf(zone);
  if (clock === undefined) throw new Error(`there is no zone ${zone}`);
  return clock;
};

describe("the end of a day", () => {
  it.each([
    ["UTC", 20261122, "2026-11-23T00:00:00.000Z"],
    ["Europe/Berlin", 20261122, "2026-11-22T23:00:00.000Z"],
    ["Pacific/Kiritimati", 20261231, "2026-12-31T10:00:00.000Z"],
    ["Etc/GMT+12", 20261231, "2027-01-01T12:00:00.000Z"],
    ["Africa/Cairo", 20260423, "2026-04-23T22:00:00.000Z"],
    ["America/Havana", 20261101, "2026-11-02T05:00:00.000Z"],
    ["UTC", 20240228, "2024-02-29T00:00:00.000Z"],
    ["UTC", 1000101, "0100-01-02T00:00:00.000Z"],
  ])("of %s, %i, is the first moment that is not in it any more", (zone, day, end) => {
    const clock = clockIn(zone);
    const endMs = endOfDay(clock, day) ?? 0;
    expect(new Date(endMs).toISOString()).toBe(end);
    expect(clock.at(endMs - 1)?.day).toBe(day);
    expect(clock.at(endMs)?.day).toBeGreaterThan(day);
  });

  it("may be that of so many days before, by the calendar and not by hours", () => {
    const berlin = clockIn("Europe/Berlin");
    for (const [day, many, end] of [
      [20250413, 0, "2025-04-13T22:00:00.000Z"],
      [20250413, 14, "2025-03-30T22:00:00.000Z"],
      [20250413, 28, "2025-03-16T23:00:00.000Z"],
      [20250303, 3, "2025-02-28T23:00:00.000Z"],
      [1000101, 1, "0099-12-31T23:06:32.000Z"],
    ] as const)
      expect(new Date(endOfDay(berlin, day, many) ?? 0).toISOString()).toBe(end);
  });

  it("is not told of a year that could be taken for another", () => {
    for (const day of [991231, 260101, 101, 0]) expect(endOfDay(clockIn("UTC"), day)).toBeUndefined();
  });
});

it("there is no clock where there is no such zone", () => {
  for (const zone of ["", "Mars/Olympus", "+02:00", "Europe/Berlin\n"]) {
    expect(isZone(zone)).toBe(false);
    expect(clockOf(zone)).toBeUndefined();
    expect(localTime(zone, 0)).toBeUndefined();
  }
  expect(localTime("UTC", Number.NaN)).toBeUndefined();
});

describe("what is kept of zones", () => {
  /** Names of one zone, each of which the runtime takes. */
  const named = Array.from({ length: 1_500 }, (_, at) => {
    const letters = [..."americaargentina"].map((one, place) => ((at >> place) % 2 === 1 ? one.toUpperCase() : one));
    return `${letters.slice(0, 7).join("")}/${letters.slice(7).join("")}/ushuaia`;
  });
  const made = (read: () => unknown): number => {
    const spy = vi.spyOn(Intl, "DateTimeFormat");
    read();
    const { length } = spy.mock.calls;
    spy.mockRestore();
    return length;
  };

  it("is for policies: however many zones callers name, one that a decision reads is made once", () => {
    for (const zone of named) {
      expect(isZone(zone)).toBe(true);
      clockOf(zone);
      localTime(`${zone}x`, 0);
    }
    expect(made(() => localTime("Asia/Tokyo", 0))).toBe(1);
    expect(made(() => localTime("Asia/Tokyo", 1))).toBe(0);
  });

  it("goes the oldest first where there is too much, so that what is read now is kept", () => {
    for (const zone of named) localTime(zone, 0);
    expect(made(() => localTime("Asia/Tokyo", 0))).toBe(1);
    expect(made(() => localTime("Asia/Tokyo", 1))).toBe(0);
    expect(made(() => localTime(named.at(-1) ?? "", 1))).toBe(0);
    expect(made(() => localTime(named[0] ?? "", 1))).toBe(1);
  });
});
