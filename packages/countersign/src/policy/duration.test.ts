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
