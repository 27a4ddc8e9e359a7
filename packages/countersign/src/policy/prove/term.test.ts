import { beforeEach, describe, expect, it } from "vitest";
import { type Formula, int, integer, str, Terms } from "./term.ts";

let terms: Terms;
let [a, b, c]: Formula[] = [];
beforeEach(() => {
  terms = new Terms();
  [a, b, c] = ["a", "b", "c"].map((name) => terms.atom(name));
});
const [yes, no] = [() => terms.yes, () => terms.no];

/** The truth of a statement where some atoms hold. */
function truth(one: Formula, ...holding: readonly string[]): boolean {
  switch (one.op) {
    case "true":
    case "false":
      return one.op === "true";
    case "atom":
      return holding.includes(one.text);
    case "not":
      return !truth(one.of[0] as Formula, ...holding);
    case "and":
      return one.of.every((each) => truth(each, ...holding));
    case "or":
      return one.of.some((each) => truth(each, ...holding));
  }
}
const table = (one: Formula) =>
  [[], ["a"], ["b"], ["a", "b"]].map((holding) => (truth(one, ...holding) ? 1 : 0)).join("");

describe("a statement", () => {
  it("is one value, however often and in whatever order it is made", () => {
    expect(terms.atom("a")).toBe(a);
    expect(terms.and(a!, b!)).toBe(terms.and(b!, a!, a!));
    expect(terms.or(a!, terms.or(b!, c!))).toBe(terms.or(c!, b!, a!));
    expect(terms.and(terms.and(a!, b!), c!)).toBe(terms.and(a!, terms.and(b!, c!)));
    expect(terms.and(a!, b!)).not.toBe(terms.or(a!, b!));
    expect(terms.and(a!)).toBe(a);
    expect(new Set([a, b, c, terms.yes, terms.no, terms.and(a!, b!)].map((one) => one?.id)).size).toBe(6);
  });

  it("is said at once where it can be", () => {
    expect([terms.and(), terms.or()]).toEqual([yes(), no()]);
    expect([terms.and(a!, terms.yes), terms.or(a!, terms.no)]).toEqual([a, a]);
    expect([terms.and(a!, terms.no), terms.or(a!, terms.yes)]).toEqual([no(), yes()]);
    expect([terms.and(a!, b!, terms.not(a!)), terms.or(a!, b!, terms.not(a!))]).toEqual([no(), yes()]);
    expect([terms.not(terms.yes), terms.not(terms.no), terms.not(terms.not(a!))]).toEqual([no(), yes(), a]);
  });

  it("means what it says", () => {
    expect(table(terms.and(a!, b!))).toBe("0001");
    expect(table(terms.or(a!, b!))).toBe("0111");
    expect(table(terms.implies(a!, b!))).toBe("1011");
    expect(table(terms.iff(a!, b!))).toBe("1001");
    expect(table(terms.ifElse(a!, b!, terms.not(b!)))).toBe("1001");
    expect(table(terms.ifElse(a!, terms.no, b!))).toBe("0010");
  });

  it("is written once for a solver, before it is used", () => {
    const both = terms.and(a!, terms.not(b!));
    const one = terms.or(both, c!);
    terms.and(a!, terms.not(b!));
    expect(terms.lines).toEqual([
      `(define-fun b${both.id} () Bool (and a (not b)))`,
      expect.stringMatching(new RegExp(`^\\(define-fun b${one.id} \\(\\) Bool \\(or .*b${both.id}`)),
    ]);
    expect([
      terms.say(a!),
      terms.say(both),
      terms.say(terms.not(both)),
      terms.say(terms.yes),
      terms.say(terms.no),
    ]).toEqual(["a", `b${both.id}`, `(not b${both.id})`, "true", "false"]);
  });

  it("may be about something new, each time of another name", () => {
    expect([terms.declare("Int"), terms.declareSet("String"), terms.fresh().text, terms.declare("String")]).toEqual([
      "v0",
      "s1",
      "v2",
      "v3",
    ]);
    expect(terms.lines).toEqual([
      "(declare-const v0 Int)",
      "(declare-fun s1 (String) Bool)",
      "(declare-const v2 Bool)",
      "(declare-const v3 String)",
    ]);
  });
});

describe("comparisons", () => {
  const x = { sort: "Int", text: "x" } as const;
  const y = { sort: "Int", text: "y" } as const;

  it("of constants are known", () => {
    expect([terms.equal(int(1), int(1)), terms.equal(int(1), int(2)), terms.equal(str("a"), str("b"))]).toEqual([
      yes(),
      no(),
      no(),
    ]);
    expect([terms.less(int(1), int(2)), terms.less(int(2), int(2)), terms.less(int(3), int(2))]).toEqual([
      yes(),
      no(),
      no(),
    ]);
    expect([terms.lessEqual(int(2), int(2)), terms.lessEqual(int(3), int(2))]).toEqual([yes(), no()]);
    expect([terms.equal(x, x), terms.less(x, x), terms.lessEqual(x, x)]).toEqual([yes(), no(), yes()]);
  });

  it("of one thing are one atom, in all the ways that they can be written", () => {
    expect(terms.equal(x, y)).toBe(terms.equal(y, x));
    expect(terms.equal(x, y).text).toBe("(= x y)");
    const below = terms.less(x, int(2));
    expect(below.text).toBe("(<= x 1)");
    expect(terms.lessEqual(x, int(1))).toBe(below);
    expect(terms.less(int(1), x)).toBe(terms.not(below));
    expect(terms.lessEqual(int(2), x)).toBe(terms.not(below));
    expect(terms.less(x, int(0)).text).toBe("(<= x (- 1))");
    expect(terms.less(x, y).text).toBe("(< x y)");
    expect(terms.lessEqual(x, y)).toBe(terms.not(terms.less(y, x)));
  });

  it("choose", () => {
    expect(terms.choose(terms.yes, x, y)).toBe(x);
    expect(terms.choose(terms.no, x, y)).toBe(y);
    expect(terms.choose(a!, x, x)).toBe(x);
    expect(terms.choose(a!, x, y)).toEqual({ sort: "Int", text: "(ite a x y)" });
  });
});

it("numbers and texts are written as SMT-LIB writes them", () => {
  expect([integer(0n), integer(7n), integer(-7n)]).toEqual(["0", "7", "(- 7)"]);
  expect(int(-3)).toEqual({ sort: "Int", text: "(- 3)", constant: -3n });
  expect(str('a "b\\ ~\u007fä😀\n')).toEqual({
    sort: "String",
    text: '"a \\u{22}b\\u{5c} ~\\u{7f}\\u{e4}\\u{1f600}\\u{a}"',
    constant: 'a "b\\ ~\u007fä😀\n',
  });
});
