import { describe, expect, it } from "vitest";
import { lineOf } from "./piece.ts";
import { fits, readingsOf } from "./question.ts";
import { type Findable, mostTerms, termsOf } from "./terms.ts";

const merged: Findable = {
  tool: "github.merge_pull",
  wholes: ["https://github.com/acme/shop/pull/12"],
  names: ["scribe", "docs-upkeep", "github", "production"],
  texts: ["Fix ACME-123: the quarterly report was empty", "merged as 6b2f7c1de3a94c0fb7a1d2e3f4a5b6c7d8e9f012"],
};
const line = [merged.tool ?? "", ...merged.wholes, ...merged.names, ...merged.texts].map(lineOf).join(" ");
const terms = new Set(termsOf(merged, mostTerms.first));
/** Which reading finds it; -1 where none does. */
const found = (q: string): number => readingsOf(q).findIndex((reading) => fits(reading, line, terms));

describe("a question", () => {
  it.each([
    "https://github.com/acme/shop/pull/12/files",
    "https://github.com/acme/shop/pull/1",
    "ACME-12",
    "report quarterly nothing",
    '"report quarterly"',
    "6b2f7c2",
    "shop/pull/13",
  ])("%j does not find it", (q) => {
    expect(found(q)).toBe(-1);
  });

  it.each([
    ["https://github.com/acme/shop/pull/12", 0],
    ["github.com/acme/shop/pull/12?w=1", 0],
    ["ACME-123", 0],
    ["acme-123, quarterly", 0],
    ['"quarterly report"', 0],
    ["github.merge_pull", 0],
    ["scribe Production merged", 0],
    ["shop/pull/12", 1],
    ["6b2f7c1", 1],
    ["6B2F7C1DE3A94C0FB7A1D2E3F4A5B6C7D8E9F012", 0],
    ["6b2f7c1de3a94c0f", 1],
    ["please look at https://github.com/acme/shop/pull/12 soon, thanks", 2],
    ["who did shop/pull/12 on friday?", 3],
  ] as const)("%j finds it by reading %i", (q, reading) => {
    expect(found(q)).toBe(reading);
  });

  it("has at most eight terms, and none that tells nothing", () => {
    const [first] = readingsOf("a b c one two three four five six seven eight nine ten");
    expect(first?.terms).toHaveLength(8);
    expect(readingsOf("? ! … a")).toEqual([]);
  });
});

describe("terms of an entry", () => {
  it("are bounded, and what it acts on comes before its words", () => {
    const texts = Array.from({ length: 500 }, (_, i) => `word${i}`).join(" ");
    const many = termsOf({ ...merged, texts: [texts] }, mostTerms.first);
    expect(many).toHaveLength(mostTerms.first);
    expect(many).toContain("github.com/acme/shop/pull/12");
    expect(many).toContain("scribe");
    expect(mostTerms.first + mostTerms.result).toBeLessThanOrEqual(64);
  });
});
