import { describe, expect, it } from "vitest";
import { Chosen, questions, wholeNumber } from "./chosen.ts";
import type { Requests } from "./environment.ts";
import type { Variable } from "./request-shape.ts";
import type { Sets } from "./sets.ts";
import type { Plain } from "./symbol.ts";
import { int, str, Terms } from "./term.ts";

const terms = new Terms();
const variable = (text: string, of: Variable["of"], path = text): Variable => ({ path: path.split("."), of, text });
const requests = {
  variables: [
    variable("v0", "present", "context.a"),
    variable("v1", "string", "context.a"),
    variable("v2", "long", "context.n"),
    variable("v3", "bool", "context.b"),
    variable("v4", "datetime", "context.at"),
    variable("s0", "set", "context.texts"),
    variable("s1", "set", "context.longs"),
    variable("v5", "present", "context.c"),
  ],
  setKinds: new Map([["s1", "long"]]),
} as unknown as Requests;
const probes: readonly Plain[] = [
  { kind: "string", is: str("x") },
  { kind: "long", is: int(7) },
  { kind: "string", is: { sort: "String", text: "v9" } },
  { kind: "bool", is: terms.yes },
  { kind: "set", items: [] },
];
const sets = { probes } as unknown as Sets;

describe("what is asked of a solver", () => {
  it("is each variable, and of each set every element of its kind that was asked about, with its value", () => {
    expect(questions(requests, sets).map(({ text }) => text)).toEqual([
      ...["v0", "v1", "v2", "v3", "v4"],
      ...['(s0 "x")', '"x"', "(s0 v9)", "v9"],
      ...["(s1 7)", "7"],
      "v5",
    ]);
  });
});

describe("what a solver chose", () => {
  const values = ["true", '"a""b"', "(- 5)", "true", "86400000", "true", '"x"', "false", '"y"', "true", "7", "false"];
  const chosen = new Chosen(requests, sets, values);
  const way = (path: string) => path.split(".");

  it("is read where it stands", () => {
    expect(chosen.paths.map((path) => path.join("."))).toEqual(requests.variables.map(({ path }) => path.join(".")));
    expect([
      chosen.isPresent(way("context.a")),
      chosen.isPresent(way("context.c")),
      chosen.isPresent(way("x")),
    ]).toEqual([true, false, undefined]);
    expect(chosen.text(way("context.a"))).toBe('a"b');
    expect(chosen.number(way("context.n"))).toBe(-5);
    expect(chosen.flag(way("context.b"))).toBe(true);
    expect(chosen.flag(way("context.n"))).toBe(false);
    expect(chosen.instant(way("context.at"))).toBe("1970-01-02T00:00:00.000Z");
    expect(chosen.texts(way("context.texts"))).toEqual(["x"]);
    expect(chosen.elements(way("context.longs"))).toEqual(["7"]);
    expect(chosen.optional("a", way("context.a"))).toEqual({ a: 'a"b' });
    expect(chosen.optional("c", way("context.c"))).toEqual({});
  });

  it("is nothing where nothing was asked", () => {
    for (const read of ["text", "number", "flag", "instant"] as const) expect(chosen[read](way("x"))).toBeUndefined();
    expect([chosen.elements(way("x")), chosen.texts(way("x")), chosen.optional("x", way("x"))]).toEqual([[], [], {}]);
    // Whether it is there is no value of it.
    expect(chosen.text(way("context.c"))).toBeUndefined();
    const bare = { ...requests, variables: [variable("v0", "present", "context.d")] } as unknown as Requests;
    expect(new Chosen(bare, sets, ["true"]).optional("d", way("context.d"))).toEqual({ d: "d" });
  });

  it("holds each element of a set that is chosen, and nothing that is not told", () => {
    const all = new Chosen(requests, sets, values.with(7, "true"));
    expect(all.texts(way("context.texts"))).toEqual(["x", "y"]);
    const short = new Chosen(requests, sets, []);
    expect([short.text(way("context.a")), short.isPresent(way("context.a"))]).toEqual(["", false]);
    expect(short.number(way("context.n"))).toBe(0);
    expect(new Chosen(requests, sets, values.slice(0, 6)).texts(way("context.texts"))).toEqual([""]);
  });

  it("is a text in each of the ways that solvers print one", () => {
    for (const [printed, text] of [
      ['""', ""],
      ['"\\u{e4}\\u{1F600}"', "ä😀"],
      ['"\\u00e4\\u00E4"', "ää"],
      ['"\\x41b"', "Ab"],
      ['"\\u{0}"', "\0"],
      ['"say ""hi"""', 'say "hi"'],
      ['"\\n"', "\\n"],
    ] as const)
      expect(new Chosen(requests, sets, values.with(1, printed)).text(way("context.a")), printed).toBe(text);
  });
});

it("a whole number is read as it is printed", () => {
  for (const [text, number] of [
    ["0", 0n],
    ["17", 17n],
    ["-17", -17n],
    ["(- 17)", -17n],
    ["(-  17)", -17n],
    ["(-17)", -17n],
    ["9223372036854775808", 2n ** 63n],
    ["x", 0n],
    ["17x", 0n],
    ["x17", 0n],
    ["(- 17", 0n],
    ["(+ 17)", 0n],
    ["x(- 17)", 0n],
    ["(- 17)x", 0n],
  ] as const)
    expect(wholeNumber(text), text).toBe(number);
});
