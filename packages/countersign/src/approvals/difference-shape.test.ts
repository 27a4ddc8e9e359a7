import type { Json } from "@countersign/contract";
import { describe, expect, it } from "vitest";
import { type Differing, differenceShape } from "./difference-shape.ts";

const known = (...changes: Extract<Differing, { known: true }>["changes"]): Differing => ({
  known: true,
  changes,
  beside: [],
});
const text = (added: number, removed: number, stays = 0, width = 10): Differing =>
  known({
    kind: "text",
    at: "content",
    added,
    removed,
    lines: [
      ...Array.from({ length: stays }, () => "  same"),
      ...Array.from({ length: removed }, () => `- ${"x".repeat(width)}`),
      ...Array.from({ length: added }, () => `+ ${"x".repeat(width)}`),
    ],
  });
const value = (before: Json, after: Json): Differing => known({ kind: "value", at: "a", before, after });

describe("the shape of a difference", () => {
  it.each<[string, Differing, string]>([
    ["a line of a text", text(1, 1, 4), "content: up to 10 lines added, up to 10 removed, up to 1,000 characters"],
    ["ten lines", text(10, 0, 4), "content: up to 10 lines added, no removed, up to 1,000 characters"],
    ["eleven", text(11, 0, 4), "content: up to 100 lines added, no removed, up to 1,000 characters"],
    [
      "a text that is emptied",
      text(0, 10_000),
      "content: no lines added, up to 10,000 removed, up to 100,000 characters, and nothing that was there stays",
    ],
    [
      "a text where none was",
      text(3, 0),
      "content: up to 10 lines added, no removed, up to 1,000 characters, where nothing was",
    ],
    ["one long line", text(1, 1, 1, 501), "content: up to 10 lines added, up to 10 removed, up to 10,000 characters"],
    ["a number that rises", value(0, 10), "a raised by up to 10"],
    ["a number that falls", value(100, 0), "a lowered by up to 100"],
    ["a part of one", value(0.5, 0.25), "a lowered by up to 10"],
    ["a switch", value(true, false), "a set to false"],
    ["what is filled", value(null, { b: 1 }), "a filled with a record, up to 100 characters"],
    ["what is emptied", value(["x"], []), "a emptied of a list, up to 100 characters"],
    ["an emptied text", value("x", ""), "a emptied of a text, up to 100 characters"],
    ["what is replaced", value("x", "y".repeat(99)), "a replaced, a text by a text, up to 1,000 characters"],
    ["another kind", value("1", 1), "a replaced, a text by a number, up to 100 characters"],
  ])("of %s", (_, effect, shape) => {
    expect(differenceShape(effect, null)).toEqual([shape]);
  });

  it("is each change, and what no change tells of", () => {
    const { changes } = value(1, 2) as Extract<Differing, { known: true }>;
    expect(differenceShape({ known: true, changes: [...changes, ...changes], beside: ["mode", "tag"] }, null)).toEqual([
      "a raised by up to 10",
      "a raised by up to 10",
      "beside it mode, tag",
    ]);
    expect(differenceShape(known(), null)).toEqual(["no change that is known"]);
  });

  it("of what is not known is the size of the call", () => {
    const of = (characters: number) => differenceShape({ known: false }, "x".repeat(characters - 2));
    expect(of(1_000)).toEqual(["a difference that is not known, by up to 1,000 characters"]);
    expect(of(1_001)).toEqual(["a difference that is not known, by up to 10,000 characters"]);
  });
});
