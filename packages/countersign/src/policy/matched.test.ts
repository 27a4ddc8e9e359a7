import { expect, it } from "vitest";
import { allMatched, everyMatch, firstMatch, matched } from "./matched.ts";

it("a pattern takes the parts of a text that its groups name, or none of it", () => {
  expect(matched(/(\d+)-(\d+)(x)?/, "from 1-22")).toEqual(["1", "22", undefined]);
  expect(matched(/(\d+)-(\d+)/, "from 1")).toBeUndefined();
  expect(firstMatch(/(\d+)-(\d+)/, "from 1-22")).toBe("1");
  expect(firstMatch(/(\d+)-(\d+)/, "from 1")).toBe("");
});

it("or the first of them wherever it fits", () => {
  expect(everyMatch(/"([a-z]*)(!?)"/g, '"a" "b!", ""')).toEqual(["a", "b", ""]);
  expect(everyMatch(/"([a-z]*)"/g, "a")).toEqual([]);
  expect(allMatched(/"([a-z]*)(!)?"/g, '"a" "b!"')).toEqual([
    ["a", undefined],
    ["b", "!"],
  ]);
});
