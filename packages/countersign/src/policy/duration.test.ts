import fc from "fast-check";
import { expect, it } from "vitest";
import { durationMs, durationText } from "./duration.ts";

it("reads what it writes", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2_592_000 }), (seconds) => {
      expect(durationMs(durationText(seconds * 1000))).toBe(seconds * 1000);
    }),
  );
});

it.each(["", "0m", "-1m", "1.5h", "4", "4 h", "31d", "1w", "4H", "١h"])("does not read `%s`", (text) => {
  expect(durationMs(text)).toBeUndefined();
});

it("knows each unit, and thirty days as the most", () => {
  expect(["1s", "1m", "1h", "1d", "30d", "2592000s"].map(durationMs)).toEqual([
    1_000, 60_000, 3_600_000, 86_400_000, 2_592_000_000, 2_592_000_000,
  ]);
  expect(["2592001s", "721h", "10000000s", "1s ", " 1s"].map(durationMs)).toEqual(Array(5).fill(undefined));
});

it("writes the largest unit that is whole", () => {
  expect([1_000, 90_000, 120_000, 5_400_000, 7_200_000, 172_800_000].map(durationText)).toEqual([
    "1s",
    "90s",
    "2m",
    "90m",
    "2h",
    "2d",
  ]);
});
