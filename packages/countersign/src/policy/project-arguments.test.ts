import type { Json } from "@countersign/contract";
import { describe, expect, it } from "vitest";
import { uncleanMember } from "../catalog/normalise/shape.ts";
import type { ArgumentType } from "./argument-types.ts";
import { projectArguments } from "./project-arguments.ts";

const text: ArgumentType = { kind: "string" };
const long: ArgumentType = { kind: "long" };
const one = (value: Json, type: ArgumentType) => {
  const { record, dropped } = projectArguments({ a: value }, { a: type }, null);
  return dropped[0]?.reason ?? { is: record.a };
};
const decimal = (arg: string) => ({ __extn: { fn: "decimal", arg } });

describe("an argument as a policy reads it", () => {
  it("is a text, as it is", () => {
    expect(one("x", text)).toEqual({ is: "x" });
    expect(one("y".repeat(262_144), text)).toEqual({ is: "y".repeat(262_144) });
    expect(one("y".repeat(262_145), text)).toBe("it is too long for a policy to read");
    expect(one("\ud800x", text)).toBe("it holds half of a surrogate pair");
    for (const value of [1, true, ["x"], {}]) expect(one(value, text)).toBe("it is no string");
  });

  it("is a truth value", () => {
    expect(one(false, { kind: "boolean" })).toEqual({ is: false });
    for (const value of [0, "true", []]) expect(one(value, { kind: "boolean" })).toBe("it is neither true nor false");
  });

  it("is an integer that is exact, and only one zero", () => {
    expect(one(2 ** 53 - 1, long)).toEqual({ is: 2 ** 53 - 1 });
    expect(one(-0, long)).toEqual({ is: 0 });
    for (const value of [2 ** 53, 1.5, "1", true, [1]])
      expect(one(value, long)).toBe("it is no integer, or too large to be exact");
  });

  it("is a number of up to four decimal places", () => {
    const type: ArgumentType = { kind: "decimal" };
    expect(one(1.2345, type)).toEqual({ is: decimal("1.2345") });
    expect(one(7, type)).toEqual({ is: decimal("7.0000") });
    expect(one(-0, type)).toEqual({ is: decimal("0.0000") });
    expect(one(900_000_000_000, type)).toEqual({ is: decimal("900000000000.0000") });
    expect(one(-900_000_000_000, type)).toEqual({ is: decimal("-900000000000.0000") });
    for (const value of [1.23456, 900_000_000_001, -900_000_000_001, 1e300])
      expect(one(value, type)).toBe("it has more than four decimal places, or is too large");
    for (const value of ["1", [], true]) expect(one(value, type)).toBe("it is no number");
  });

  it("is a list of up to ten thousand, each of which fits", () => {
    const type: ArgumentType = { kind: "set", of: long };
    expect(one([1, 2], type)).toEqual({ is: [1, 2] });
    expect(one(Array(10_000).fill(1), type)).toEqual({ is: Array(10_000).fill(1) });
    expect(one(Array(10_001).fill(1), type)).toBe("it is too long a list for a policy to read");
    expect(one([1, "2"], type)).toBe("it is no integer, or too large to be exact");
    expect(one({ 0: 1 }, type)).toBe("it is no list");
  });

  it("is a record of the members that are declared, and none where one of them does not fit", () => {
    const type: ArgumentType = { kind: "record", attributes: { b: text, c: long } };
    expect(one({ b: "x", c: null, d: "more" }, type)).toEqual({ is: { b: "x" } });
    expect(one({ b: 1, c: "x" }, type)).toBe("in `b` it is no string");
    for (const value of ["x", [], 1]) expect(one(value, type)).toBe("it is no object");
  });

  it("is absent where it is null, not given or not declared", () => {
    const types = { a: text, b: text, toString: text };
    expect(projectArguments({ a: null, c: "x" }, types, null)).toEqual({ record: {}, dropped: [] });
    expect(projectArguments({ valueOf: "x" }, types, ["valueOf", "a"])).toEqual({ record: {}, dropped: [] });
  });

  it("is looked at only where a policy reads it, and is named where it cannot be read", () => {
    const args = { a: "x", b: 1, c: "y" };
    const types = { a: text, b: text, c: text };
    expect(projectArguments(args, types, ["a"])).toEqual({ record: { a: "x" }, dropped: [] });
    expect(projectArguments(args, types, ["b", "c"])).toEqual({
      record: { c: "y" },
      dropped: [{ name: "b", reason: "it is no string" }],
    });
    expect(projectArguments(args, types, [])).toEqual({ record: {}, dropped: [] });
  });
});

describe("a normalised argument", () => {
  const url = { host: text, port: long };
  const types = { parsed: { kind: "parsed", of: { url, to: { domain: text } } } } as const;
  const clean = { host: "acme.com", port: 443 };
  const project = (parsed: Json, reads: readonly string[] | null = null) => projectArguments({ parsed }, types, reads);

  it("is there with all its attributes and no others", () => {
    expect(project({ url: { ...clean, more: "x" }, other: clean })).toEqual({
      record: { parsed: { url: clean } },
      dropped: [],
    });
  });

  it("is left out and named where it is not clean, or not whole", () => {
    const reasonOf = (value: Json) => project({ url: value, to: { domain: "acme.com" } });
    for (const [value, reason] of [
      [{ ...clean, [uncleanMember]: "its host climbs" }, "its host climbs"],
      [{ host: "acme.com" }, "it is no normalised value of this kind"],
      ["acme.com", "it is no normalised value"],
      [[clean], "it is no normalised value"],
      [{ host: 7, port: 443 }, "it is no string"],
    ] as const)
      expect(reasonOf(value as Json)).toEqual({
        record: { parsed: { to: { domain: "acme.com" } } },
        dropped: [{ name: "parsed.url", reason }],
      });
  });

  it("is looked at only where a policy reads it or any of it", () => {
    const both = { url: clean, to: { domain: "acme.com" } };
    expect(project(both, ["parsed.url"]).record).toEqual({ parsed: { url: clean } });
    expect(project(both, ["parsed.to", "parsed.url", "other"]).record).toEqual({ parsed: both });
    expect(project({ ...both, url: "bad" }, ["parsed.to"]).dropped).toEqual([]);
  });

  it("is not there where the catalog gave nothing", () => {
    for (const value of ["x", [], 7, null]) expect(project(value)).toEqual({ record: {}, dropped: [] });
    expect(projectArguments({}, types, null)).toEqual({ record: {}, dropped: [] });
    expect(projectArguments({ parsed: {} }, types, null)).toEqual({ record: { parsed: {} }, dropped: [] });
  });

  it("is nothing that a record of arguments could hold", () => {
    expect(one({ x: 1 }, { kind: "set", of: types.parsed })).toBe("it is no list");
    expect(one([{ x: 1 }], { kind: "set", of: types.parsed })).toBe("it is no argument");
  });
});

it("what goes wrong here is no argument's fault, and is not hidden", () => {
  const broken = Object.defineProperty([1], 0, {
    get() {
      throw new Error("broken");
    },
  }) as number[];
  const list = { kind: "set", of: { kind: "long" } } as const;
  expect(() => projectArguments({ a: broken }, { a: list }, null)).toThrow("broken");
  const parsed = { kind: "parsed", of: { to: { hosts: list } } } as const;
  expect(() => projectArguments({ parsed: { to: { hosts: broken } } }, { parsed }, null)).toThrow("broken");
});
