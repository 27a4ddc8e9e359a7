import { expect, it } from "vitest";
import { parseInt8, parseTimestamp } from "./values.ts";

it.each([
  ["2026-11-22 16:22:42.123456+00", "2026-11-22T16:22:42.123456Z"],
  ["2026-11-22 16:22:42+00", "2026-11-22T16:22:42Z"],
  ["2026-11-22 16:22:42.5+05:30", "2026-11-22T10:52:42.5Z"],
  ["2026-11-22 23:22:42.000001-02", "2026-11-23T01:22:42.000001Z"],
  ["2026-11-22 16:22:42.123456", "2026-11-22T16:22:42.123456Z"],
  ["infinity", "infinity"],
])("reads %s as %s", (text, iso) => {
  expect(parseTimestamp(text)).toBe(iso);
});

it("refuses a form it does not know instead of guessing", () => {
  expect(() => parseTimestamp("22/11/2026 16:22:42 CET")).toThrow("form");
  expect(() => parseInt8("9007199254740992")).toThrow("too large");
  expect(parseInt8("-9007199254740991")).toBe(-9007199254740991);
});
