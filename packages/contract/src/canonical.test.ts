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

  it("writes an object by its own names, whatever others were written before it", () => {
    const names = ["a", "b", "__proto__", "é", '"', "1", "n".repeat(64), "n".repeat(65)];
    const some = fc
      .subarray(names, { minLength: 1 })
      .chain((few) => fc.shuffledSubarray(few, { minLength: few.length }));
    const object = fc.tuple(
      some,
      fc.array(fc.constantFrom<Json>("x", '"', 1, null, ["y"]), { minLength: 8, maxLength: 8 }),
    );
    fc.assert(
      fc.property(fc.array(object, { maxLength: 60 }), (objects) => {
        for (const [order, values] of objects) {
          const members = order.map((name, at) => [name, values[at] as Json] as const);
          expect(canonical(Object.fromEntries(members))).toBe(plainly(members));
        }
      }),
    );
    // Many more shapes and names than are kept, each twice.
    for (const n of [...Array(3_000).keys(), ...Array(3_000).keys()]) {
      const members = [`k${n}`, "b", `a${n % 40}`, "c".repeat(n % 80)].map(
        (name, at) => [name, at % 2 ? "x" : n] as const,
      );
      expect(canonical(Object.fromEntries(members))).toBe(plainly([...new Map(members)]));
    }
    const wide = Array.from({ length: 200 }, (_, n) => [`w${n % 3}${n}`, "x"] as const);
    for (const members of [wide, wide]) expect(canonical(Object.fromEntries(members))).toBe(plainly(members));
  });

  it("escapes a long text wherever it has to", () => {
    for (const [at, one] of ['"', "\\", "\n", "\u0000", "\u{1f600}", "é"].entries())
      for (const text of [one, `${"x".repeat(5_000)}${one}`, `${one}${"x".repeat(5_000)}`, `x${one}`.repeat(500)]) {
        expect(canonical(text), `${at}`).toBe(JSON.stringify(text));
        expect(canonical({ a: text, b: text })).toBe(`{"a":${JSON.stringify(text)},"b":${JSON.stringify(text)}}`);
      }
    for (const text of [`${"x".repeat(5_000)}\ud800`, `\udc00${"x".repeat(5_000)}`])
      for (const value of [text, { a: text }, { [text]: 1 }]) expect(() => canonical(value)).toThrow(JsonFault);
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

/** The members of an object one by one, sorted anew. */
function plainly(members: readonly (readonly [string, Json])[]): string {
  const sorted = [...members].sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${sorted.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join()}}`;
}
