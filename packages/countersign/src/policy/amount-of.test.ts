import { expect, it } from "vitest";
import { amountOf } from "./amount-of.ts";

it.each([
  ["cents", 4999, 4999],
  ["cents", 49.5, undefined],
  ["cents", -1, undefined],
  ["cents", "4999", undefined],
  ["whole", 50, 5000],
  ["whole", 50.5, undefined],
  ["decimal", 49.99, 4999],
  ["decimal", 0.1, 10],
  ["decimal", 49.999, undefined],
  ["decimal", 1e300, undefined],
  ["cents", Number.MAX_SAFE_INTEGER + 1, undefined],
  ["items", ["a", "b", "c"], 3],
  ["items", [], 0],
  ["items", { length: 3 }, undefined],
  ["items", null, undefined],
] as const)("in %s %j is %s", (form, value, amount) => {
  expect(amountOf({ argument: "x", in: form }, { x: value } as never)).toBe(amount);
  expect(amountOf({ argument: "y", in: form }, { x: value } as never)).toBeUndefined();
});
