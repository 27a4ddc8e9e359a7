import { describe, expect, it } from "vitest";
import { endOfDay, isZone, localTime } from "./local-time.ts";

describe("the end of a day", () => {
  it.each([
    ["UTC", 20261122, "2026-11-23T00:00:00.000Z"],
    ["Europe/Berlin", 20261122, "2026-11-22T23:00:00.000Z"],
    ["Pacific/Kiritimati", 20261231, "2026-12-31T10:00:00.000Z"],
    ["Etc/GMT+12", 20261231, "2027-01-01T12:00:00.000Z"],
    ["Africa/Cairo", 20260423, "2026-04-23T22:00:00.000Z"],
    ["America/Havana", 20261101, "2026-11-02T05:00:00.000Z"],
    ["UTC", 20240228, "2024-02-29T00:00:00.000Z"],
  ])("of %s, %i, is the first moment that is not in it any more", (zone, day, end) => {
    const endMs = endOfDay(zone, day) ?? 0;
    expect(new Date(endMs).toISOString()).toBe(end);
    expect(localTime(zone, endMs - 1)?.day).toBe(day);
    expect(localTime(zone, endMs)?.day).toBeGreaterThan(day);
  });

  it("is not there where there is no such zone", () => {
    for (const zone of ["", "Mars/Olympus", "+02:00", "Europe/Berlin\n"]) {
      expect(isZone(zone)).toBe(false);
      expect(endOfDay(zone, 20261122)).toBeUndefined();
    }
  });
});
