import { expect, it } from "vitest";
import { left, took } from "./ago.tsx";

it("what was shorter than a second is told as that, and not as one", () => {
  expect([13, 80, 999, 1_000, 3_400, 61_000].map(took)).toEqual([
    "under 1 s",
    "under 1 s",
    "under 1 s",
    "1 s",
    "3 s",
    "1 min",
  ]);
});

it("what is left of hours is told with its minutes", () => {
  const min = 60_000;
  expect([59 * min, 60 * min, 238 * min, 240 * min, 24 * 60 * min + 5 * min].map(left)).toEqual([
    "59 min",
    "1 h",
    "3 h 58 min",
    "4 h",
    "1 d",
  ]);
});
