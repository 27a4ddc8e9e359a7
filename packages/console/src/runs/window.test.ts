import { expect, it } from "vitest";
import { mostDrawn, seenRows } from "./window.ts";

it("few rows are all drawn, of many only those that can be seen", () => {
  expect(seenRows(mostDrawn, 50, 0, 800)).toEqual({ from: 0, to: mostDrawn });
  expect(seenRows(10_000, 50, 0, 800)).toEqual({ from: 0, to: 36 });
  expect(seenRows(10_000, 50, 50_000, 800)).toEqual({ from: 980, to: 1_036 });
});

it("stays within the rows there are, wherever the page is scrolled to", () => {
  for (const top of [-5_000, 0, 49_999, 1e9]) {
    const { from, to } = seenRows(1_000, 50, top, 700);
    expect(from).toBeGreaterThanOrEqual(0);
    expect(to).toBeLessThanOrEqual(1_000);
    expect(to - from).toBeGreaterThan(0);
    expect(to - from).toBeLessThanOrEqual(60);
  }
});
