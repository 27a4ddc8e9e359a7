import { expect, it } from "vitest";
import { type Column, csvOf, linesOf } from "./save.tsx";

const columns: readonly Column<{ readonly a: string; readonly b: number | null }>[] = [
  { name: "a", of: ({ a }) => a },
  { name: "b, c", of: ({ b }) => b },
];
const rows = [
  { a: '=HYPERLINK("x")', b: 1 },
  { a: "two\nlines", b: null },
];

it("a list leaves as CSV that no spreadsheet computes, and as JSONL that keeps each value", () => {
  expect(csvOf(columns, rows)).toBe(`a,"b, c"\r\n"'=HYPERLINK(""x"")",1\r\n"two\nlines",\r\n`);
  expect(
    linesOf(columns, rows)
      .trim()
      .split("\n")
      .map((one) => JSON.parse(one)),
  ).toEqual([
    { a: '=HYPERLINK("x")', "b, c": 1 },
    { a: "two\nlines", "b, c": null },
  ]);
});
