import { describe, expect, it } from "vitest";
import { tokensOf } from "./tokens.ts";
import { Words } from "./words.ts";

function wordsOf(...texts: readonly string[]): Words {
  const words = new Words(1_000);
  for (const text of texts) words.add(text);
  return words;
}

describe("words", () => {
  it("are found whole and one after the other, never as a part of another word", () => {
    const words = wordsOf("mail bob@acme.com the report of May");
    expect(words.has(tokensOf("Bob@Acme.com"))).toBe(true);
    expect(words.has(tokensOf("report of may"))).toBe(true);
    expect(words.has(tokensOf("mail"))).toBe(true);
    for (const part of ["bob@acme.co", "ob@acme.com", "acme.com", "bob", "report may", "may of", "of the report"])
      expect(words.has(tokensOf(part)), part).toBe(false);
  });

  it("do not stand in a row across lines or across values", () => {
    const words = wordsOf("pay acme\nevil", "corp now\r\nthen stop");
    for (const text of ["acme evil", "evil corp", "now then"]) expect(words.has(tokensOf(text)), text).toBe(false);
    for (const text of ["pay acme", "evil", "corp now", "then stop"])
      expect(words.has(tokensOf(text)), text).toBe(true);
  });

  it("tell a whole line or value from a part of one, the first and the last too", () => {
    const words = wordsOf("12", "row 34 of 56\n78\r\n90");
    for (const line of ["12", "78", "90", "row 34 of 56"]) expect(words.hasLine(tokensOf(line)), line).toBe(true);
    for (const part of ["34", "56", "row 34", "12 row", "7"]) expect(words.hasLine(tokensOf(part)), part).toBe(false);
  });

  it("are found that were added after a question", () => {
    const words = wordsOf("first");
    expect(words.has(["second"])).toBe(false);
    words.add("second\nthird");
    for (const word of ["first", "second", "third"]) expect(words.hasLine([word]), word).toBe(true);
    expect(words.has(["first", "second"])).toBe(false);
    words.add("fourth");
    expect(words.hasLine(["third"]) && words.hasLine(["fourth"])).toBe(true);
  });

  it("never hold nothing", () => {
    const words = wordsOf("", " ", "a  b", "...");
    expect(words.has([])).toBe(false);
    expect(words.hasLine([])).toBe(false);
    expect(wordsOf().has(["a"])).toBe(false);
    expect(wordsOf("", "...").size).toBe(0);
  });

  it("keep as many characters as they may, and say how many", () => {
    const words = new Words(20);
    words.add("abcd");
    expect(words.size).toBe(7);
    words.add("efgh");
    expect(words.size).toBe(14);
    words.add("ijkl");
    expect(words.has(["ijkl"])).toBe(true);
    expect(words.size).toBe(21);
    words.add("m");
    expect(words.has(["m"])).toBe(false);
    expect(words.has(["abcd"])).toBe(true);
  });

  it("keep what comes before the limit of a text that goes beyond it", () => {
    const words = new Words(10);
    words.add("abcd\nefghijkl");
    expect(words.has(["abcd"])).toBe(true);
    expect(words.has(["efghijkl"])).toBe(false);
  });
});

describe("one word between two others", () => {
  const neighboursOf = (words: Words, token: string) => {
    const found: [string, string][] = [];
    words.hasBetween(token, ({ before, after }) => found.push([before, after]) === 0);
    return found;
  };

  it("is found at each of its places, with what stands right beside it", () => {
    const words = wordsOf("fix 3 typos in issue 3 and 3 3 more 33 x3");
    expect(neighboursOf(words, "3")).toEqual([
      ["fix", "typos"],
      ["issue", "and"],
      ["and", "3"],
      ["3", "more"],
    ]);
    expect(neighboursOf(words, "4")).toEqual([]);
    expect(neighboursOf(wordsOf(), "3")).toEqual([]);
  });

  it("is told with the second word before it, of its own line only", () => {
    const seconds: string[] = [];
    wordsOf(`${"b".repeat(64)} ${"c".repeat(64)} 7`, "pay 7", "the invoice no 7", "7").hasBetween("7", ({ second }) => {
      seconds.push(second);
      return false;
    });
    expect(seconds).toEqual(["b".repeat(64), "", "invoice", ""]);
  });

  it("has no neighbour at an end of its line", () => {
    const words = wordsOf("5 first\nlast 5\n5", "next");
    expect(neighboursOf(words, "5")).toEqual([
      ["", "first"],
      ["last", ""],
      ["", ""],
    ]);
  });

  it("fits where it does at one place, whichever of them that is", () => {
    const words = wordsOf("fix 3 typos in issue 3 and pay 3 euros");
    for (const neighbour of ["fix", "issue", "pay"])
      expect(words.hasBetween("3", ({ before }) => before === neighbour)).toBe(true);
    for (const neighbour of ["typos", "and", "euros"])
      expect(words.hasBetween("3", ({ after }) => after === neighbour)).toBe(true);
    expect(words.hasBetween("3", () => false)).toBe(false);
    expect(words.hasBetween("4", () => true)).toBe(false);
  });

  it("is looked at beside words of up to 64 characters, however far into a text, and beside the end of longer ones", () => {
    const long = "b".repeat(64);
    const words = wordsOf(`a ${long} 7 ${long} c`, `c${long} 8 ${long}c`);
    expect(neighboursOf(words, "7")).toEqual([[long, long]]);
    expect(neighboursOf(words, "8")).toEqual([[long, long]]);
    expect(neighboursOf(wordsOf(`first 9 ${"then more ".repeat(20)}`), "9")).toEqual([["first", "then"]]);
  });
});
