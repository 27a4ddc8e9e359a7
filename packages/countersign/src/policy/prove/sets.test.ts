import { beforeEach, describe, expect, it } from "vitest";
import { parseIp } from "../cedar/ip.ts";
import { pairs, Sets } from "./sets.ts";
import type { Member, Plain, SetSymbol } from "./symbol.ts";
import { type Formula, int, str, type Term, Terms } from "./term.ts";

let terms: Terms;
let sets: Sets;
beforeEach(() => {
  terms = new Terms();
  sets = new Sets(terms, (why) => terms.atom(`unknown ${why}`));
});

const text = (value: string): Plain => ({ kind: "string", is: str(value) });
const long = (value: number): Plain => ({ kind: "long", is: int(value) });
const bool = (is: Formula): Plain => ({ kind: "bool", is });
const entity = (type: string, id: string): Plain => ({ kind: "entity", type, id: str(id) });
const unknown: Plain = { kind: "unknown", why: "why" };
/** A set of constants, each there where its atom holds. */
const items = (...all: readonly (readonly [Plain, Formula?])[]): SetSymbol => ({
  kind: "set",
  items: all.map(([what, when = terms.yes]) => ({ when, what })),
});
const named = (name: string, of: "string" | "long" = "string"): SetSymbol => ({ kind: "set", name, of });
const record = (members: { readonly [name: string]: readonly [Plain, Formula?] }): Plain => ({
  kind: "record",
  names: Object.keys(members),
  get: (name): Member | undefined => {
    const member = members[name];
    if (member === undefined) return undefined;
    const [what, present = terms.yes] = member;
    return { present, value: { fault: terms.no, choices: [{ when: terms.yes, what }] } };
  },
});

describe("sets that are written down", () => {
  it("hold what is in them, where it is there", () => {
    const a = terms.atom("a");
    const set = items([text("x")], [text("y"), a], [long(1)]);
    expect(sets.has(set, text("x"))).toBe(terms.yes);
    expect(sets.has(set, text("y"))).toBe(a);
    expect(sets.has(set, text("z"))).toBe(terms.no);
    expect(sets.has(set, long(1))).toBe(terms.yes);
    expect(sets.has(set, text("1"))).toBe(terms.no);
    expect(sets.has(items(), text("x"))).toBe(terms.no);
    expect(sets.has(set, unknown)).toBe(terms.atom("unknown why"));
  });

  it("are empty, within one another, and meet, where their elements say so", () => {
    const a = terms.atom("a");
    const [xy, x, maybe, z] = [
      items([text("x")], [text("y")]),
      items([text("x")]),
      items([text("x"), a]),
      items([text("z")]),
    ];
    expect([sets.isEmpty(items()), sets.isEmpty(x), sets.isEmpty(maybe)]).toEqual([terms.yes, terms.no, terms.not(a)]);
    expect([sets.isSubset(x, xy), sets.isSubset(xy, x), sets.isSubset(items(), x), sets.isSubset(maybe, z)]).toEqual([
      terms.yes,
      terms.no,
      terms.yes,
      terms.not(a),
    ]);
    expect([sets.meet(x, xy), sets.meet(x, z), sets.meet(items(), x), sets.meet(maybe, xy)]).toEqual([
      terms.yes,
      terms.no,
      terms.no,
      a,
    ]);
  });
});

describe("sets that a solver chooses", () => {
  it("are asked about their own kind alone", () => {
    expect(sets.has(named("s"), text("x"))).toBe(terms.atom('(s "x")'));
    expect(sets.has(named("s"), long(1))).toBe(terms.no);
    expect(sets.has(named("n", "long"), long(1))).toBe(terms.atom("(n 1)"));
    expect(sets.has(named("n", "long"), entity("T", "x"))).toBe(terms.no);
    expect([...sets.probes]).toEqual([text("x"), long(1)]);
  });

  it("are said to be empty of every element that is asked about anywhere, and of a witness where that is denied", () => {
    const empty = sets.isEmpty(named("s"));
    expect(empty.op).toBe("atom");
    const x = sets.has(named("s"), text("x"));
    const other = sets.has(named("n", "long"), long(1));
    const facts = sets.facts();
    expect(facts).toContain(terms.implies(empty, terms.not(x)));
    const witness = facts.find(({ op, of }) => op === "or" && of.includes(empty) && of.length === 2) as Formula;
    const held = witness.of.find((one) => one !== empty) as Formula;
    expect(held).toMatchObject({ op: "atom", text: expect.stringMatching(/^\(s v\d+\)$/) });
    expect(facts).not.toContain(terms.implies(empty, terms.not(other)));
    expect(terms.lines.some((line) => /^\(declare-const v\d+ String\)$/.test(line))).toBe(true);
  });

  it("are within another where each of their elements is, and numbers have a witness that is a number", () => {
    const within = sets.isSubset(named("n", "long"), named("m", "long"));
    const [in5, too5] = [sets.has(named("n", "long"), long(5)), sets.has(named("m", "long"), long(5))];
    expect(sets.facts()).toContain(terms.implies(within, terms.implies(in5, too5)));
    expect(terms.lines.some((line) => /^\(declare-const v\d+ Int\)$/.test(line))).toBe(true);
  });

  it("meet one that is written down where they hold one of its elements, in either order", () => {
    const x = terms.atom('(s "x")');
    expect(sets.meet(items([text("x")]), named("s"))).toBe(x);
    expect(sets.meet(named("s"), items([text("x")]))).toBe(x);
    const both = sets.meet(named("s"), named("t"));
    expect(both.op).toBe("not");
    const [s, t] = [sets.has(named("s"), text("y")), sets.has(named("t"), text("y"))];
    expect(sets.facts()).toContain(terms.implies(both.of[0] as Formula, terms.not(terms.and(s, t))));
  });

  it("are told of what is said of all elements, once each, new elements too", () => {
    const asked: Plain[] = [];
    sets.has(named("s"), text("x"));
    sets.forAll((element) => {
      asked.push(element);
      if (asked.length === 1) sets.has(named("s"), text("y"));
      return terms.atom(`of ${(element as { readonly is: Term }).is.text}`);
    });
    expect(sets.facts()).toEqual([terms.atom('of "x"'), terms.atom('of "y"')]);
    expect(asked).toEqual([text("x"), text("y")]);
  });
});

describe("two values", () => {
  it("are equal where they are of one kind and alike", () => {
    const a = terms.atom("a");
    const [yes, no] = [terms.yes, terms.no];
    const ip = (address: string): Plain => ({ kind: "ipaddr", is: parseIp(address) });
    const cases: readonly (readonly [Plain, Plain, Formula])[] = [
      [text("x"), text("x"), yes],
      [text("x"), text("y"), no],
      [long(1), long(1), yes],
      [long(1), { kind: "decimal", is: int(1) }, no],
      [text("1"), long(1), no],
      [bool(a), bool(yes), a],
      [bool(a), bool(no), terms.not(a)],
      [bool(a), text("x"), no],
      [entity("T", "x"), entity("T", "x"), yes],
      [entity("T", "x"), entity("T", "y"), no],
      [entity("T", "x"), entity("U", "x"), no],
      [entity("T", "x"), text("x"), no],
      [ip("10.0.0.1"), ip("10.0.0.1/32"), yes],
      [ip("10.0.0.1"), ip("10.0.0.2"), no],
      [ip("10.0.0.1"), text("10.0.0.1"), no],
      [items([text("x")], [text("y")]), items([text("y")], [text("x")], [text("x")]), yes],
      [items([text("x")]), items([text("x")], [text("y")]), no],
      [items([text("x")], [text("y")]), items([text("x")]), no],
      [items(), text("x"), no],
      [record({ a: [text("x")] }), record({ a: [text("x")] }), yes],
      [record({ a: [text("x")] }), record({ a: [text("y")] }), no],
      [record({ a: [text("x")] }), record({ b: [text("x")] }), no],
      [record({ a: [text("x")] }), record({}), no],
      [record({ a: [text("x"), a] }), record({}), terms.not(a)],
      [record({ a: [text("x"), a] }), record({ a: [text("x")] }), a],
      [record({}), text("x"), no],
      [unknown, text("x"), terms.atom("unknown why")],
      [text("x"), unknown, terms.atom("unknown why")],
    ];
    for (const [one, other, same] of cases) expect(sets.equal(one, other)).toBe(same);
  });

  it("are paired each with each", () => {
    const choice = (name: string) => ({ when: terms.yes, what: text(name) });
    const [a, b, c] = ["a", "b", "c"].map(choice);
    expect(pairs([a!, b!], [c!, a!])).toEqual([
      [a, c],
      [a, a],
      [b, c],
      [b, a],
    ]);
    expect(pairs([], [a!])).toEqual([]);
  });
});
