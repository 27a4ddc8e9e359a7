import { expect, it } from "vitest";
import { compareLines, type Order, placed } from "./placed.ts";
import type { Line } from "./shape.ts";
import type { Row } from "./use-inbox.ts";

const line = (id: string, sentence = ""): Line => ({ id, sentence }) as Line;
const page = (lines: readonly Line[], goesOn = false, order: Order = "risk") => ({ lines, order, goesOn });
const told = (rows: readonly Row[]) =>
  rows.map((row) => [row.line.id, row.isNew, row.ended ? "ended" : row.isBehind ? "behind" : "waits"]);

it("keeps each row where it is, adds what comes below and marks what ended", () => {
  const first = placed([], page([line("b"), line("a")]));
  expect(told(first)).toEqual([
    ["b", false, "waits"],
    ["a", false, "waits"],
  ]);
  const then = placed(first, page([line("c"), line("a", "changed")]));
  expect(told(then)).toEqual([
    ["b", false, "ended"],
    ["a", false, "waits"],
    ["c", true, "waits"],
  ]);
  expect(then[1]?.line.sentence).toBe("changed");
});

const due = (id: string, level: "low" | "medium" | "high", expiresAt?: string): Line =>
  ({
    id,
    risk: { level },
    openedAt: "2026-01-01T00:00:00Z",
    ...(expiresAt === undefined ? {} : { expiresAt }),
  }) as Line;
const [soon, later, latest] = [
  due("soon", "medium", "2026-01-01T01:00:00Z"),
  due("later", "medium", "2026-01-01T02:00:00Z"),
  due("latest", "low"),
];

it("takes what was pushed off a page that goes on for waiting, and only that", () => {
  const first = placed([], page([soon, later, latest], true));
  const pushed = placed(first, page([due("urgent", "high"), soon, later], true));
  expect(told(pushed)).toEqual([
    ["soon", false, "waits"],
    ["later", false, "waits"],
    ["latest", false, "behind"],
    ["urgent", true, "waits"],
  ]);
  // What stood before the last line and is gone has ended, whatever follows.
  expect(told(placed(first, page([due("urgent", "high"), later, latest], true)))[0]).toEqual(["soon", false, "ended"]);
  // Without more behind it, what is not there is nowhere.
  expect(told(placed(pushed, page([due("urgent", "high"), soon, later])))[2]).toEqual(["latest", false, "ended"]);
  // It comes back to its place where there is room again.
  expect(told(placed(pushed, page([soon, later, latest], true)))[2]).toEqual(["latest", false, "waits"]);
});

it("compares as the server orders", () => {
  const inOrder = [due("z", "high"), soon, later, due("a", "medium"), due("b", "medium"), latest];
  expect([...inOrder].reverse().sort((one, other) => compareLines("risk", one, other))).toEqual(inOrder);
  // A risk that nobody measured counts as high.
  expect(compareLines("risk", line("x"), soon)).toBeLessThan(0);
  const opened = (id: string, openedAt: string): Line => ({ id, openedAt }) as Line;
  const byTime = [
    opened("c", "2026-01-01T00:00:00Z"),
    opened("b", "2026-01-01T00:00:00.12Z"),
    opened("a", "2026-01-01T00:00:00.120001Z"),
  ];
  expect([...byTime].reverse().sort((one, other) => compareLines("time", one, other))).toEqual(byTime);
});
