import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editDistance, nearest } from "./nearest.ts";

describe("nearest", () => {
  it.each([
    ["deputty", "deputy"],
    ["dupety", "deputy"],
    ["PATTERN", "pattern"],
    ["helpdesk.serach", "helpdesk.search"],
    ["zebra", undefined],
    ["4", undefined],
    ["", undefined],
    ["x".repeat(65), undefined],
  ])("%s -> %s", (word, meant) => {
    expect(nearest(word, ["dri", "deputy", "pattern", "helpdesk.search", "1"])).toBe(meant);
  });

  it("counts a swap of neighbours as one edit", () => {
    expect(editDistance("serach", "search")).toBe(1);
    expect(editDistance("ca", "abc")).toBe(3);
    expect(editDistance("", "abc")).toBe(3);
  });

  it("is a distance: nothing between equals, the same both ways, never more than the longer word", () => {
    const word = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        const edits = editDistance(a, b);
        expect(edits === 0).toBe(a === b);
        expect(edits).toBe(editDistance(b, a));
        expect(edits).toBeLessThanOrEqual(Math.max(a.length, b.length));
        expect(edits).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
      }),
    );
  });
});
