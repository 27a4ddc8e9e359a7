import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JsonFault, parseJson } from "./index.ts";
import { scanJson } from "./scan.ts";

const limits = { maxBytes: 10_000 };

function faultOf(text: string): JsonFault {
  try {
    parseJson(text, limits);
  } catch (fault) {
    if (fault instanceof JsonFault) return fault;
  }
  throw new Error(`accepted ${text}`);
}

describe("parseJson", () => {
  it("refuses what two readers could understand differently, and says where", () => {
    const cases: readonly [string, string, number][] = [
      ['{"a":1,"a":1}', "duplicate", 7],
      ['{"a":1,"\\u0061":2}', "duplicate", 7],
      ['[{"b":{"__proto__":1,"__proto__":2}}]', "duplicate", 21],
      ['"\\ud800"', "surrogate", 0],
      ['{"\\udc00x":1}', "surrogate", 1],
      ['["\ud800"]', "surrogate", 1],
      ["1e400", "number", 0],
      ["[-1e400]", "number", 1],
      ["9007199254740993", "number", 0],
      ['{"n":-9007199254740993}', "number", 5],
      ["", "syntax", 0],
      ["[1,]", "syntax", 3],
      ["[01]", "syntax", 2],
      ['{"a" 1}', "syntax", 5],
      ["{a:1}", "syntax", 1],
      ["[1] x", "syntax", 4],
      ['"\t"', "syntax", 0],
      ['"\\x"', "syntax", 0],
      ["\ufeff1", "syntax", 0],
      ["NaN", "syntax", 0],
      [`${"[".repeat(65)}${"]".repeat(65)}`, "depth", 64],
      ["[".repeat(9_000), "depth", 64],
      [`"${"é".repeat(5_000)}"`, "size", 0],
    ];
    for (const [text, reason, offset] of cases) expect(faultOf(text)).toMatchObject({ reason, offset });
    expect(faultOf('{\n  "a": 1,\n  "a": 2}')).toMatchObject({ line: 3, column: 3 });
  });

  it("keeps integers that a double holds exactly", () => {
    expect(parseJson("[9007199254740991,9007199254740992,100000000000000000000,1e20,0.1]", limits)).toEqual([
      9007199254740991, 9007199254740992, 1e20, 1e20, 0.1,
    ]);
  });

  it("takes `__proto__` as plain text", () => {
    const value = parseJson('{"__proto__":{"polluted":true},"s":"a:\\"b\\\\\\":"}', limits) as {
      readonly [name: string]: unknown;
    };
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value)).toEqual(["__proto__", "s"]);
    expect(value.polluted).toBeUndefined();
  });

  it("accepts exactly what its slow scan accepts", () => {
    const text = fc.array(
      fc.constantFrom(
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        '"a"',
        '"b"',
        '"\\u0061"',
        '"\\""',
        '"\\ud800"',
        "1",
        "1e999",
        "-0",
        " ",
        "null",
      ),
      { maxLength: 14 },
    );
    fc.assert(
      fc.property(text, (parts) => {
        const whole = parts.join("");
        expect(accepts(() => parseJson(whole, limits))).toBe(accepts(() => scanJson(whole, 64)));
      }),
      { numRuns: 5_000 },
    );
  });
});

function accepts(run: () => unknown): boolean {
  try {
    run();
    return true;
  } catch {
    return false;
  }
}
