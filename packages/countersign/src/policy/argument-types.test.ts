import type { Json, JsonObject } from "@countersign/contract";
import { describe, expect, it } from "vitest";
import { argumentTypes } from "./argument-types.ts";

const typesOf = (properties: JsonObject, more: JsonObject = {}) =>
  argumentTypes({ id: "s.t", inputSchema: { type: "object", properties, ...more } });
const typeOf = (schema: Json, more: JsonObject = {}) => typesOf({ a: schema }, more).a;
const nested = (depth: number): Json =>
  depth === 0 ? { type: "string" } : { type: "object", properties: { in: nested(depth - 1) } };

describe("the types of arguments", () => {
  it.each<[Json, unknown]>([
    [{ type: "string" }, { kind: "string" }],
    [{ type: "integer" }, { kind: "long" }],
    [{ type: "boolean" }, { kind: "boolean" }],
    [{ type: "number" }, { kind: "decimal" }],
    [
      { type: "array", items: { type: "integer" } },
      { kind: "set", of: { kind: "long" } },
    ],
    [
      { type: "object", properties: { b: { type: "string" } } },
      { kind: "record", attributes: { b: { kind: "string" } } },
    ],
    [{ type: "object" }, { kind: "record", attributes: {} }],
    [{ enum: ["a", "b"] }, { kind: "string" }],
  ])("%j can be named", (schema, type) => {
    expect(typeOf(schema)).toEqual(type);
  });

  it.each<[Json]>([
    [{ type: "array" }],
    [{ type: "array", items: {} }],
    [{ type: "null" }],
    [{}],
    [true],
    ["string"],
    [[{ type: "string" }]],
    [{ enum: [] }],
    [{ enum: ["a", 1] }],
    [{ enum: "a" }],
    [{ type: ["string", "integer"] }],
    [{ type: ["null"] }],
    [{ type: ["string", "integer", "null"] }],
    [{ anyOf: [{ type: "string" }, { type: "integer" }] }],
    [{ anyOf: [{ type: "string" }, { type: "integer" }, { type: "null" }] }],
    [{ anyOf: [{ type: "string" }, true] }],
    [{ anyOf: [true] }],
    [{ anyOf: [null] }],
    [{ type: ["null"], enum: ["a"] }],
    [{ anyOf: [{ type: "null" }] }],
    [{ anyOf: "string", oneOf: [] }],
  ])("%j has no type that a policy could name", (schema) => {
    expect(typeOf(schema)).toBeUndefined();
  });

  it("are the same with a null beside them, in each way in which a schema says so", () => {
    for (const schema of [
      { type: ["integer", "null"] },
      { type: ["null", "integer"] },
      { type: ["integer"] },
      { anyOf: [{ type: "integer" }, { type: "null" }] },
      { oneOf: [{ type: "null" }, { type: "integer" }] },
      { anyOf: [{ type: "integer" }] },
      { anyOf: [{ $ref: "#/$defs/Count" }, { type: "null" }] },
    ])
      expect(typeOf(schema, { $defs: { Count: { type: "integer" } } }), JSON.stringify(schema)).toEqual({
        kind: "long",
      });
  });

  it("are found through references of the schema itself, and through no others", () => {
    const more = {
      $defs: { Count: { type: "integer" }, Again: { $ref: "#/$defs/Count" }, Text: "string" },
      definitions: { Name: { type: "string" } },
      other: { Count: { type: "integer" } },
    };
    expect(typeOf({ $ref: "#/$defs/Count" }, more)).toEqual({ kind: "long" });
    expect(typeOf({ $ref: "#/definitions/Name" }, more)).toEqual({ kind: "string" });
    expect(typeOf({ $ref: "#/$defs/Again" }, more)).toEqual({ kind: "long" });
    for (const ref of ["#/other/Count", "#/$defs/Count/x", "https://x/#/$defs/Count", "#/$defs/Gone", "#/$defs/Text"])
      expect(typeOf({ $ref: ref }, more), ref).toBeUndefined();
    expect(typeOf({ $ref: "#/$defs/toString" }, more)).toBeUndefined();
    expect(typeOf({ $ref: 7 }, more)).toBeUndefined();
    expect(typeOf({ $ref: ["#/$defs/Count"] }, more)).toBeUndefined();
    // What stands beside a reference that leads nowhere is still said.
    expect(typeOf({ $ref: "#/$defs/Gone", type: "string" }, more)).toEqual({ kind: "string" });
    expect(typeOf({ $ref: "#/$defs/Count" }, { $defs: [{ type: "integer" }] })).toBeUndefined();
    expect(typeOf({ $ref: "#/$defs/Loop" }, { $defs: { Loop: { $ref: "#/$defs/Loop" } } })).toBeUndefined();
  });

  it("end four levels down", () => {
    const record = (depth: number): unknown =>
      depth === 0 ? { kind: "record", attributes: {} } : { kind: "record", attributes: { in: record(depth - 1) } };
    expect(typeOf(nested(4))).toEqual(record(3));
    // A null beside a type is no level of its own, and a reference beside a null is one.
    const lists = (depth: number, of: Json): Json =>
      depth === 0 ? of : { type: "array", items: lists(depth - 1, of) };
    const sets = { kind: "set", of: { kind: "set", of: { kind: "set", of: { kind: "long" } } } };
    expect(typeOf(lists(3, { type: ["integer", "null"] }))).toEqual(sets);
    const $defs = { Count: { type: "integer" } };
    expect(typeOf(lists(3, { $ref: "#/$defs/Count" }), { $defs })).toEqual(sets);
    expect(typeOf(lists(3, { anyOf: [{ $ref: "#/$defs/Count" }, { type: "null" }] }), { $defs })).toBeUndefined();
    expect(
      typeOf({ type: "array", items: { type: "array", items: { type: "array", items: { type: "integer" } } } }),
    ).toEqual({
      kind: "set",
      of: { kind: "set", of: { kind: "set", of: { kind: "long" } } },
    });
    expect(
      typeOf({
        type: "array",
        items: { type: "array", items: { type: "array", items: { type: "array", items: {} } } },
      }),
    ).toBeUndefined();
  });

  it("are those of the first two hundred that have one, under names that mean nothing else", () => {
    const many = Object.fromEntries(
      Array.from({ length: 300 }, (_, at) => [`a${at}`, { type: at < 50 ? "null" : "string" }]),
    );
    const names = Object.keys(typesOf(many));
    expect([names.length, names[0], names.at(-1)]).toEqual([200, "a50", "a249"]);
    const odd = JSON.parse('{"__entity":{"type":"string"},"__extn":{"type":"string"},"__expr":{"type":"string"}}');
    expect(typesOf({ ...odd, "": { type: "string" }, "\ud800": { type: "string" }, b: { type: "string" } })).toEqual({
      b: { kind: "string" },
    });
    expect(argumentTypes({ id: "s.t", inputSchema: { type: "object" } })).toEqual({});
    expect(argumentTypes({ id: "s.t", inputSchema: { properties: [{ type: "string" }] } })).toEqual({});
  });
});

describe("what the catalog adds to them", () => {
  const text = { type: "string" };

  it("is each projected argument that has a type, in the place of the tool's own of that name", () => {
    const projected = { a: { type: "integer" }, b: { type: "null" }, c: { $ref: "#/$defs/C" }, __extn: text };
    const inputSchema = { type: "object", properties: { a: text, d: text }, $defs: { C: { type: "boolean" } } };
    expect(argumentTypes({ id: "s.t", inputSchema, projected })).toStrictEqual({
      a: { kind: "long" },
      c: { kind: "boolean" },
      d: { kind: "string" },
    });
  });

  it("is what was normalised, for which no argument stands in", () => {
    const inputSchema = {
      type: "object",
      properties: { parsed: text, "parsed.url": text, parsedAt: text, "x.parsed": text },
    };
    expect(Object.keys(argumentTypes({ id: "s.t", inputSchema })).sort()).toEqual(
      ["parsed", "parsed.url", "parsedAt", "x.parsed"].sort(),
    );
    const shape = { one: "text", some: "texts", size: "long", sizes: "longs", is: "boolean" } as const;
    expect(argumentTypes({ id: "s.t", inputSchema, parsed: { url: shape, __extn: shape, "\udc00": shape } })).toEqual({
      parsedAt: { kind: "string" },
      "x.parsed": { kind: "string" },
      parsed: {
        kind: "parsed",
        of: {
          url: {
            one: { kind: "string" },
            some: { kind: "set", of: { kind: "string" } },
            size: { kind: "long" },
            sizes: { kind: "set", of: { kind: "long" } },
            is: { kind: "boolean" },
          },
        },
      },
    });
  });
});
