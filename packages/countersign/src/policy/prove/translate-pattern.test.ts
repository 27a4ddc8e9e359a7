import { expect, it } from "vitest";
import { translatePattern } from "./translate-pattern.ts";

/** A pattern as policies write it, without escapes. */
const said = (pattern: string) =>
  translatePattern(
    "x",
    pattern.split(/(\*)/).flatMap((piece) => (piece === "" ? [] : [piece === "*" ? "Wildcard" : { Literal: piece }])),
  );

it("a pattern is said with the function that solvers know best", () => {
  const cases: readonly (readonly [pattern: string, said: string])[] = [
    ["", '(= x "")'],
    ["ab", '(= x "ab")'],
    ['"', '(= x "\\u{22}")'],
    ["*", "(and true )"],
    ["**", "(and true )"],
    ["ab*", '(and true (str.prefixof "ab" x))'],
    ["*ab", '(and true (str.suffixof "ab" x))'],
    ["ab**", '(and true (str.prefixof "ab" x))'],
    ["ab*cd", '(and true (str.prefixof "ab" x) (str.suffixof "cd" x) (<= 4 (str.len x)))'],
    ["😀*ä", '(and true (str.prefixof "\\u{1f600}" x) (str.suffixof "\\u{e4}" x) (<= 2 (str.len x)))'],
    ["*ab*", '(str.contains x "ab")'],
    ["**ab**", '(str.contains x "ab")'],
    [
      "*a*b*",
      '(str.in_re x (re.++ (str.to_re "") re.all (str.to_re "a") re.all (str.to_re "b") re.all (str.to_re "")))',
    ],
    ["a*b*", '(str.in_re x (re.++ (str.to_re "a") re.all (str.to_re "b") re.all (str.to_re "")))'],
    ["*a*b", '(str.in_re x (re.++ (str.to_re "") re.all (str.to_re "a") re.all (str.to_re "b")))'],
  ];
  for (const [pattern, text] of cases) expect(said(pattern), pattern).toBe(text);
});

it("pieces that follow one another are one", () => {
  expect(
    translatePattern("x", [{ Literal: "a" }, { Literal: "b" }, "Wildcard", { Literal: "c" }, { Literal: "d" }]),
  ).toBe('(and true (str.prefixof "ab" x) (str.suffixof "cd" x) (<= 4 (str.len x)))');
});
