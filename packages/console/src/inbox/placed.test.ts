import { expect, it } from "vitest";
import { placed } from "./placed.ts";
import type { Line } from "./shape.ts";

const line = (id: string, sentence = ""): Line => ({ id, sentence }) as Line;

it("keeps each row where it is, adds what comes below and marks what ended", () => {
  const first = placed([], [line("b"), line("a")]);
  expect(first.map((row) => [row.line.id, row.isNew, row.ended])).toEqual([
    ["b", false, false],
    ["a", false, false],
  ]);
  const then = placed(first, [line("c"), line("a", "changed")]);
  expect(then.map((row) => [row.line.id, row.isNew, row.ended])).toEqual([
    ["b", false, true],
    ["a", false, false],
    ["c", true, false],
  ]);
  expect(then[1]?.line.sentence).toBe("changed");
});
