import type { JsonObject } from "@countersign/contract";
import { describe, expect, it } from "vitest";
import { isScope, type Scope } from "./window.ts";
import { type Counted, scopeOf } from "./window-scope.ts";

const call = (more: Partial<Counted> = {}): Counted => ({
  agent: "bot",
  run: "run_1",
  target: "[1]",
  args: {},
  ...more,
});
const value = (customer: unknown, parsed: JsonObject = {}) =>
  scopeOf({ per: "args.customer" }, call({ args: { customer, parsed } as JsonObject }));

describe("what a window counts a call by", () => {
  it("one count for the workflow and the workspace, one for each agent, run and target", () => {
    const told = (per: Scope) => scopeOf({ per }, call());
    expect(["workflow", "workspace", "agent", "run", "target"].map((per) => told(per as Scope))).toEqual([
      ...["", "", "bot", "run_1", "[1]"],
    ]);
  });

  it("one for each person, whatever the case of the address, and one together for calls that are for nobody", () => {
    const of = (person?: string) => scopeOf({ per: "person" }, call({ person }));
    expect([of("Ana@Acme.example"), of("ana@acme.example"), of(), of(undefined)]).toEqual([
      ...["ana@acme.example", "ana@acme.example", "", ""],
    ]);
  });

  it.each([
    ["another case", "CUST-1"],
    ["spaces around it", "  cust-1 "],
    ["wide letters of another block", "ｃｕｓｔ－１"],
    ["what no eye sees in it", "cu\u200bst\u00ad-1"],
    ["a byte order mark", "\ufeffcust-1"],
    ["a byte order mark in it", "cust\ufeff-1"],
    ["a variation selector", "cust\ufe0f-1"],
    ["a joiner of graphemes", "cust\u034f-1"],
    ["a filler of Hangul", "\u115fcust-1\uffa0"],
    ["a selector of Mongolian", "\u180bcust-1"],
    ["a tag of the last plane", "cust-1\u{e0100}"],
    ["marks on its letters", "cu\u0301st\u0307-1\u20dd"],
    ["letters that have a mark of their own", "c\u00fa\u015ft-1"],
  ])("a value is the same with %s", (_, spelling) => {
    expect(value(spelling)).toBe(value("cust-1"));
  });

  it.each([
    ["a tab", "acme\tltd"],
    ["a line's end", "acme\r\nltd"],
    ["the next line", "acme\u0085ltd"],
    ["a space that does not break", "acme\u00a0ltd"],
    ["spaces with what no eye sees between them", "acme \u200b\u3000 ltd"],
  ])("%s parts words as a space does", (_, spelling) => {
    expect(value(spelling)).toBe(value("acme ltd"));
    expect(value(spelling)).not.toBe(value("acmeltd"));
  });

  it("values that differ to an eye stay apart, and composed letters are the same as their parts", () => {
    expect(value("cust-1")).not.toBe(value("cust-2"));
    expect(value("Z\u00fcrich")).toBe(value("zu\u0308rich"));
    expect(value("stra\u00dfe")).toBe(value("STRASSE"));
    expect([value(7), value("7"), value(true), value("TRUE"), value(-0)]).toEqual(["7", "7", "true", "true", "0"]);
  });

  it.each([
    ["nothing", undefined],
    ["null", null],
    ["nothing but spaces", "  \u200b"],
    ["nothing but a mark", "\u0301"],
    ["half of a surrogate pair", "\ud800"],
    ["what is too long", "x".repeat(4_097)],
    ["a list", ["cust-1"]],
    ["an object", { __entity: "cust-1" }],
    ["no whole number", 1.5],
    ["a number that is not exact", 2 ** 53],
  ])("%s is no value", (_, given) => {
    expect(value(given)).toBeUndefined();
  });

  it("what the catalog reads of it stands for it: other spellings are one, and what it cannot read is no value", () => {
    expect(value("a@b.example", { customer: { addresses: ["a@b.example"] } })).toBe(
      value("A@b.example", { customer: { addresses: ["a@b.example"] } }),
    );
    const path = (climbs: boolean) => ({ customer: { paths: ["/ws/a"], climbs } });
    expect(value("/ws/b/../a", path(true))).toBe(value("/ws/a", path(false)));
    expect(value("/ws/a", path(false))).not.toBe(value("/ws/b", { customer: { paths: ["/ws/b"], climbs: false } }));
    expect(value("x", { customer: { unclean: "it is no address" } })).toBeUndefined();
  });

  it("takes nothing from the prototype", () => {
    expect(scopeOf({ per: "args.constructor" }, call())).toBeUndefined();
    expect(scopeOf({ per: "args.__proto__" }, call({ args: {} }))).toBeUndefined();
  });

  it("knows its own scopes and arguments by a plain name", () => {
    expect(["workflow", "workspace", "agent", "person", "run", "target", "args.a", "args._b9"].every(isScope)).toBe(
      true,
    );
    expect(["", "team", "args.", "args.a b", "args.a.b", 'args.a"', "args.9", "Workflow"].some(isScope)).toBe(false);
  });
});
