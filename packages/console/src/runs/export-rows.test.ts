import { expect, it } from "vitest";
import { type Column, toCsv, toJsonLines, utc } from "./export-rows.ts";

interface Row {
  readonly tool: string;
  readonly at: string;
  readonly count: number;
}

const columns: readonly Column<Row>[] = [
  { name: "tool", of: ({ tool }) => tool },
  { name: "at", of: ({ at }) => utc(at) },
  { name: "count", of: ({ count }) => count },
];
const row = (tool: string): Row => ({ tool, at: "2026-11-26T08:00:00.123456+02:00", count: -3 });

it("an export as CSV computes nothing in a spreadsheet, and loses nothing", () => {
  for (const hostile of ["=cmd|' /C calc'!A1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"]) {
    const line = toCsv(columns, [row(hostile)])
      .split("\r\n")
      .slice(1)
      .join("\r\n");
    expect(line.replace(/^"/, "").startsWith(`'${hostile}`.replaceAll('"', '""'))).toBe(true);
  }
  expect(toCsv(columns, [row('say "hi", twice\nor')])).toBe(
    'tool,at,count\r\n"say ""hi"", twice\nor",2026-11-26T06:00:00.123Z,-3\r\n',
  );
});

it("an export as JSON lines holds each value as it is", () => {
  const text = toJsonLines(columns, [row("=1"), row("b")]);
  expect(
    text
      .split("\n")
      .slice(0, 2)
      .map((one) => JSON.parse(one)),
  ).toEqual([
    { tool: "=1", at: "2026-11-26T06:00:00.123Z", count: -3 },
    { tool: "b", at: "2026-11-26T06:00:00.123Z", count: -3 },
  ]);
});
