import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { linearRegExp } from "./linear-regexp.ts";
import { isPlainlySafe } from "./pattern.ts";

const piece: fc.Arbitrary<string> = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom("a", "b", "c", ".", "[ab]", "[^a]", "\\d", "\\w", "\\.", "^", "$", "\\b", "[a-c0]"),
    fc.tuple(tie("node"), tie("node")).map(([a, b]) => a + b),
    fc.tuple(tie("node"), tie("node")).map(([a, b]) => `(?:${a}|${b})`),
    fc.tuple(tie("node"), fc.constantFrom("*", "+", "?", "{2}", "{1,3}", "{2,}", "*?")).map(([a, q]) => `(${a})${q}`),
  ),
})).node;

describe("linear regular expressions", () => {
  it("answer as the engine does, on random patterns and texts", () => {
    fc.assert(
      fc.property(
        piece,
        fc.array(fc.string({ unit: fc.constantFrom("a", "b", "c", "0", ".", " ", "\n"), maxLength: 8 }), {
          minLength: 5,
          maxLength: 12,
        }),
        (pattern, texts) => {
          const native = new RegExp(pattern);
          const linear = linearRegExp(pattern);
          for (const text of texts)
            expect([pattern, text, linear.test(text)]).toEqual([pattern, text, native.test(text)]);
        },
      ),
      { numRuns: 1500 },
    );
  });

  it("answer as the engine does on patterns that tools carry", () => {
    const patterns = [
      "^[a-z0-9]+(?:-[a-z0-9]+)*$",
      "^(?:[0-9]{1,3}\\.){3}[0-9]{1,3}$",
      "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(?::\\d{2}(?:\\.\\d+)?)?Z$",
      "^refs/(heads|tags)/.+$",
      "^\\p{L}+$",
      "[\\]\\-x]",
      "^a{0}$",
      "^\\u0041\\x42$",
    ];
    const texts = [
      "a-b-c9",
      "a--b",
      "10.0.0.1",
      "1.2.3",
      "2026-11-22T10:00:00.5Z",
      "refs/heads/main",
      "refs/x",
      "été",
      "]",
      "",
      "AB",
      "-",
    ];
    for (const pattern of patterns) {
      const native = new RegExp(pattern, pattern.includes("\\p") ? "u" : "");
      for (const text of texts)
        expect([pattern, text, linearRegExp(pattern).test(text)]).toEqual([pattern, text, native.test(text)]);
    }
  });

  it("refuse what has no linear form, and patterns that would need too many states", () => {
    for (const pattern of [
      "(?=a)b",
      "(?!a)b",
      "(?<=a)b",
      "(a)\\1",
      "(?:(?:a{999}){999}){999}",
      "(a",
      "a)",
      "*a",
      "(".repeat(100) + ")".repeat(100),
    ]) {
      expect(() => linearRegExp(pattern), pattern).toThrow();
    }
  });

  it("only plain patterns go to the backtracking engine", () => {
    for (const pattern of ["^[a-z]+$", "^\\d{4}$", "abc", "^[^/]*/x$"])
      expect([pattern, isPlainlySafe(pattern)]).toEqual([pattern, true]);
    for (const pattern of ["(a+)+", "a+b+", "^a|b+", "\\s*$", "^a{1,9}b{1,9}$"])
      expect([pattern, isPlainlySafe(pattern)]).toEqual([pattern, false]);
  });
});
