import fc from "fast-check";
import { expect, it } from "vitest";
import { lineDifference } from "./line-difference.ts";

it("tells what is gone and what is new, with a little of what stays around it", () => {
  const before = "one\ntwo\nthree\nfour\nfive\nsix\nseven\n";
  expect(lineDifference(before, before.replace("four", "4"))).toEqual([
    "…",
    "  two",
    "  three",
    "- four",
    "+ 4",
    "  five",
    "  six",
    "…",
  ]);
  expect(lineDifference("", "a\n")).toEqual(["+ a"]);
  expect(lineDifference("a\nb\n", "")).toEqual(["- a", "- b"]);
  expect(lineDifference("a\n", "a")).toEqual(["  a", "+ (no line end)"]);
  expect(lineDifference(before, before)).toEqual([]);
});

it("leaves no changed line unsaid, also where the texts are too large to be compared", () => {
  const line = fc.constantFrom("a", "b", "c", "");
  const text = fc.array(line, { maxLength: 30 }).map((lines) => lines.map((one) => `${one}\n`).join(""));
  const kept = (lines: readonly string[], sign: string) =>
    lines.filter((one) => one.startsWith(sign)).map((one) => one.slice(2));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const found = lineDifference(before, after);
      expect(found.length === 0).toBe(before === after);
      const count = (all: string, one: string) =>
        all
          .split("\n")
          .slice(0, -1)
          .filter((each) => each === one).length;
      for (const one of ["a", "b", "c", ""]) {
        const net =
          kept(found, "+ ").filter((each) => each === one).length -
          kept(found, "- ").filter((each) => each === one).length;
        expect(net).toBe(count(after, one) - count(before, one));
      }
    }),
  );
  const many = (word: string) => Array.from({ length: 2_100 }, (_, at) => `${word} ${at}\n`).join("");
  expect(lineDifference(many("x"), many("y"))).toHaveLength(4_200);
});
