import { describe, expect, it } from "vitest";
import { dayOf, isInPart, labelled, lengthOf } from "./stretch.ts";

describe("a stretch of a time series", () => {
  it.each([
    [0, "0.0 s"],
    [1_240, "1.2 s"],
    [9_949, "9.9 s"],
    [9_950, "10 s"],
    [59_499, "59 s"],
    [60_000, "1 min"],
    [95_000, "1 min 35 s"],
    [3_600_000, "1 h"],
    [5_459_000, "1 h 30 min"],
    [86_400_000 + 3_599_000, "1 d"],
    [2 * 86_400_000 + 7_200_000, "2 d 2 h"],
  ])("%i ms are %s", (ms, words) => {
    expect(lengthOf(ms)).toBe(words);
  });

  it("has the day of its zone", () => {
    expect(dayOf("2026-11-22T23:30:00Z", "UTC")).toBe("2026-11-22");
    expect(dayOf("2026-11-22T23:30:00Z", "Europe/Berlin")).toBe("2026-11-23");
    expect(dayOf("2026-11-22T00:30:00Z", "America/Havana")).toBe("2026-11-21");
  });

  it("is a part of a day where the day began before it or goes on after it, however long it is", () => {
    const stretch = (since: string, until: string) => ({ since, until, questions: 0, decideMs: null });
    for (const [since, until, zone, isPart] of [
      ["2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z", "UTC", false],
      ["2026-11-22T15:00:00Z", "2026-11-23T00:00:00Z", "UTC", true],
      ["2026-11-22T00:30:00Z", "2026-11-23T00:00:00Z", "UTC", true],
      ["2026-11-22T00:00:00Z", "2026-11-22T23:59:59.999Z", "UTC", true],
      ["2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z", "Europe/Berlin", true],
      // Clocks are changed: 23 hours are all of the one day, and 24 a part of the other.
      ["2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", "Europe/Berlin", false],
      ["2026-10-24T23:00:00Z", "2026-10-25T23:00:00Z", "Europe/Berlin", true],
      ["2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", "Europe/Berlin", false],
      // Where midnight comes twice.
      ["2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z", "America/Havana", false],
    ] as const)
      expect(isInPart(stretch(since, until), zone), `${since} ${until} ${zone}`).toBe(isPart);
  });

  it("is labelled where there is room, the last one always", () => {
    expect(labelled(5, 500, 64)).toEqual([0, 1, 2, 3, 4]);
    expect(labelled(29, 320, 64)).toEqual([4, 10, 16, 22, 28]);
    expect(labelled(1, 10, 64)).toEqual([0]);
    expect(labelled(0, 500, 64)).toEqual([]);
    for (const [count, width] of [
      [29, 900],
      [57, 320],
      [26, 640],
    ] as const) {
      const places = labelled(count, width, 64);
      expect(places.at(-1)).toBe(count - 1);
      expect((places.length - 1) * 64).toBeLessThanOrEqual(width);
    }
  });
});
