import { expect, it } from "vitest";
import { readValues } from "./read-values.ts";

it("the values of a solver's answer are read, however they are written", () => {
  const cases: readonly (readonly [answer: string, values: readonly string[] | undefined])[] = [
    ["((v0 1))", ["1"]],
    ["((v0 1) (v1 true)\n (v2 (- 7)))", ["1", "true", "(- 7)"]],
    ['((v0 ""))', ['""']],
    ['((v0 "a b) (c ""d"" (") ((s1 v0) false))', ['"a b) (c ""d"" ("', "false"]],
    ["((|a b (| 2) (v1  3))", ["2", "3"]],
    ['(((s1 "x") true)("x" "x"))', ["true", '"x"']],
    ["()", []],
    ["\n ((v0 1) )\n ", ["1"]],
  ];
  for (const [answer, values] of cases) expect(readValues(answer), answer).toEqual(values);
});

it("what is no list of pairs is not read, and nothing is guessed", () => {
  for (const answer of [
    "",
    "sat",
    "((v0 1)",
    "((v0 1)))",
    ")(",
    "((v0 1)) ((v1 2))",
    "((v0))",
    "((v0 1 2))",
    "((v0 1) (v1))",
    '((v0 "1))',
    "((v0 |1))",
    // A text or a name is no list, whatever it looks like inside.
    '""',
    "||",
    '"()"',
    '|a"b|',
    "(v0 1)",
    "((v0 1) v1)",
    '((v0 1) "a b")',
  ])
    expect(readValues(answer), answer).toBeUndefined();
});
