import { describe, expect, it } from "vitest";
import type { ArgumentType, ArgumentTypes } from "../argument-types.ts";
import { projectArguments } from "../project-arguments.ts";
import { readHereAlone, unclean, unreadable } from "./unreadable.ts";

const string = { kind: "string" } as const;
const long = { kind: "long" } as const;

describe("a value that no policy can read", () => {
  it.each<[string, ArgumentType]>([
    ["a text", string],
    ["a whole number", long],
    ["a number", { kind: "decimal" }],
    ["yes or no", { kind: "boolean" }],
    ["texts", { kind: "set", of: string }],
    ["whole numbers", { kind: "set", of: long }],
    ["an object", { kind: "record", attributes: { id: string } }],
    ["an object of nothing", { kind: "record", attributes: {} }],
  ])("is left out and named: %s", (_, type) => {
    const { record, dropped } = projectArguments({ x: unreadable(type) }, { x: type }, ["x"]);
    expect(record).toEqual({});
    expect(dropped.map(({ name }) => name)).toEqual(["x"]);
  });

  it("nor what the catalog could not clean", () => {
    const parsed = { kind: "parsed", of: { to: { host: string } } } as const;
    for (const args of [{ parsed: { to: unclean } }, { parsed: unreadable(parsed) }])
      expect(projectArguments(args, { parsed }, ["parsed.to"])).toMatchObject({
        record: { parsed: {} },
        dropped: [{ name: "parsed.to" }],
      });
  });
});

describe("what one set reads alone", () => {
  const types: ArgumentTypes = {
    a: string,
    b: long,
    parsed: { kind: "parsed", of: { a: { host: string }, c: { n: long } } },
  };

  it("is what the other does not read, by the parts of what is parsed", () => {
    expect(readHereAlone({ types, reads: ["a", "b"] }, { types, reads: ["b"] })).toEqual(["a"]);
    expect(readHereAlone({ types, reads: ["b"] }, { types, reads: ["a", "b"] })).toEqual([]);
    expect(readHereAlone({ types, reads: ["parsed"] }, { types, reads: ["parsed.c"] })).toEqual(["parsed.a"]);
    expect(readHereAlone({ types, reads: null }, { types, reads: ["a"] })).toEqual(["b", "parsed.a", "parsed.c"]);
    expect(readHereAlone({ types, reads: ["other"] }, { types, reads: [] })).toEqual([]);
  });

  it("and what it reads as another type", () => {
    const other = { ...types, a: long };
    expect(readHereAlone({ types, reads: ["a", "b"] }, { types: other, reads: ["a", "b"] })).toEqual(["a"]);
    expect(readHereAlone({ types, reads: ["a"] }, { types: { b: long }, reads: null })).toEqual(["a"]);
  });
});
