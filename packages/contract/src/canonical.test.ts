import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonical, type Json, JsonFault, parseJson } from "./index.ts";

const strings = fc.string({ unit: "grapheme", maxLength: 20 });
const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(null, true, false),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.double({ noNaN: true, min: -1e22, max: 1e22 }),
    strings,
    fc.array(tie("value"), { maxLength: 5 }),
    fc.dictionary(fc.oneof(strings, fc.constantFrom("__proto__", "constructor", "1", "10", "9")), tie("value"), {
      maxKeys: 5,
    }),
  ),
})).value;

describe("canonical", () => {
  it("sorts names by UTF-16 code units and writes numbers as RFC 8785 does", () => {
    // RFC 8785, section 3.2.3.
    const members = {
      "\u20ac": "Euro Sign",
      "\r": "Carriage Return",
      "\ufb33": "Hebrew",
      "1": "One",
      "\ud83d\ude00": "Smile",
      "\u0080": "Control",
      "\u00f6": "Latin",
    };
    expect(canonical(members)).toBe(
      '{"\\r":"Carriage Return","1":"One","\u0080":"Control","\u00f6":"Latin","\u20ac":"Euro Sign","\ud83d\ude00":"Smile","\ufb33":"Hebrew"}',
    );
    // RFC 8785, section 3.2.2.
    expect(canonical([333333333.3333333, 1e30, 4.5, 2e-3, 1e-27, -0, 1e21, 1e20])).toBe(
      "[333333333.3333333,1e+30,4.5,0.002,1e-27,0,1e+21,100000000000000000000]",
    );
    expect(canonical("\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/")).toBe('"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"');
  });

  it("refuses what has no canonical form", () => {
    const cycle: { me?: Json } = {};
    cycle.me = cycle as Json;
    const bad: unknown[] = [
      "\ud800",
      { "\udc00": 1 },
      `${"x".repeat(80)}\ud800`,
      Number.NaN,
      1 / 0,
      undefined,
      { a: undefined },
      [undefined],
      1n,
      new Date(0),
      new Map(),
      cycle,
      () => 1,
    ];
    for (const value of bad) expect(() => canonical(value as Json)).toThrow(JsonFault);
    expect(() => canonical(nested(65))).toThrow(JsonFault);
    expect(canonical(nested(64))).toHaveLength(128);
  });

  it("is the same text after a parse, whatever the order of members was", () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = canonical(value);
        expect(canonical(parseJson(text, { maxBytes: 1e6 }))).toBe(text);
        expect(canonical(parseJson(JSON.stringify(value, null, 1), { maxBytes: 1e6 }))).toBe(text);
      }),
    );
  });
});

function nested(levels: number): Json {
  let value: Json = [];
  for (let i = 1; i < levels; i++) value = [value];
  return value;
}
