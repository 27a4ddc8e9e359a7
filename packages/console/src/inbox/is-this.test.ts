import { expect, it } from "vitest";
import { isThis } from "./is-this.ts";

const [first, second] = ["2026-11-26T10:00:00.000001Z", "2026-11-26T10:00:00.000002Z"];

it("an answer is this one where the verdict is the same and it is another than before", () => {
  expect(isThis({ at: first, verdict: "approve" }, "approve", null)).toBe(true);
  expect(isThis({ at: second, verdict: "approve" }, "approve", first)).toBe(true);
});

it("is not this one where it was there before, says otherwise, or is none", () => {
  expect(isThis({ at: first, verdict: "approve" }, "approve", first)).toBe(false);
  expect(isThis({ at: second, verdict: "approve" }, "deny", first)).toBe(false);
  for (const before of [first, null, undefined]) expect(isThis(null, "deny", before)).toBe(false);
});

it("may be this one or an earlier one where it is not known what was there before", () => {
  expect(isThis({ at: first, verdict: "approve" }, "approve", undefined)).toBeUndefined();
  expect(isThis({ at: first, verdict: "approve" }, "deny", undefined)).toBe(false);
});
