import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeHeader, encodeHeader, mirroredParams, mirroredText, mirrors, namedBy } from "./header.ts";

describe("header values", () => {
  it.each([
    ["us-west1", "us-west1"],
    ["Hello, 世界", "=?base64?SGVsbG8sIOS4lueVjA==?="],
    [" padded ", "=?base64?IHBhZGRlZCA=?="],
    ["line1\nline2", "=?base64?bGluZTEKbGluZTI=?="],
    ["=?base64?literal?=", "=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?="],
  ])("encode %j as the revision's own table does", (text, header) => {
    expect(encodeHeader(text)).toBe(header);
    expect(decodeHeader(header)).toBe(text);
  });

  it("carry any text there and back, and never a line break", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }).filter((text) => text.isWellFormed()),
        (text) => {
          const header = encodeHeader(text);
          expect(header).toMatch(/^[\x20-\x7e\t]*$/);
          expect(decodeHeader(header)).toBe(text);
        },
      ),
    );
  });

  it.each(["=?base64?###?=", "=?base64?AAA?=", "a\u0000b", "é", "=?base64?/w==?="])(
    "are refused where they are no legal value: %j",
    (header) => {
      expect(decodeHeader(header)).toBeNull();
    },
  );
});

describe("mirrored arguments", () => {
  const schema = {
    properties: {
      region: { type: "string", "x-mcp-header": "Region" },
      deep: { properties: { level: { type: "integer", "x-mcp-header": "Level" } } },
      bad: { "x-mcp-header": "a b" },
      plain: {},
    },
  };

  it("are found however deep they stand; a name that no header can have is none", () => {
    expect(mirroredParams(schema)).toEqual([
      { header: "Region", path: ["region"] },
      { header: "Level", path: ["deep", "level"] },
    ]);
  });

  it("are read at their exact place only", () => {
    expect(mirroredText({ deep: { level: 42 } }, ["deep", "level"])).toBe("42");
    expect(mirroredText({ region: null }, ["region"])).toBeNull();
    expect(mirroredText({}, ["constructor", "name"])).toBeNull();
    expect(mirroredText({ region: { toString: "x" } }, ["region"])).toBeNull();
  });

  it("compare numbers as numbers and texts as texts", () => {
    expect(mirrors("42.0", "42")).toBe(true);
    expect(mirrors("042x", "42x")).toBe(false);
    expect(mirrors("0x2a", "42")).toBe(false);
    expect(mirrors("", "0")).toBe(false);
  });

  it("name what a method names", () => {
    expect(namedBy("tools/call", { name: "a", uri: "b" })).toBe("a");
    expect(namedBy("resources/read", { name: "a", uri: "b" })).toBe("b");
    expect(namedBy("tasks/result", { taskId: "x" })).toBeUndefined();
    expect(namedBy("tools/list", { name: "a" })).toBeUndefined();
  });
});
