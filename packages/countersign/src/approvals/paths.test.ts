import { describe, expect, it } from "vitest";
import { below, isObject, pathsOf } from "./paths.ts";

describe("the paths of a value", () => {
  it("are those of what holds nothing else, sorted, with what is empty among them", () => {
    const value = { b: [1, { d: null, c: true }], a: "x", e: {}, f: [] };
    expect(pathsOf(value)).toEqual(["/a", "/b/0", "/b/1/c", "/b/1/d", "/e", "/f"]);
    expect(pathsOf(value, "/args")[0]).toBe("/args/a");
  });

  it.each([null, 7, "x", true, [], {}])("are the whole of %j", (value) => {
    expect(pathsOf(value)).toEqual([""]);
  });

  it("write a name so that no other reads the same", () => {
    expect(pathsOf({ "a/b~c/d~e": 1 })).toEqual(["/a~1b~0c~1d~0e"]);
    expect([below("/x", "~1"), below("/x", "/")]).toEqual(["/x/~01", "/x/~1"]);
  });
});

it("an object is one with names of its own", () => {
  expect([{}, { a: 1 }].every(isObject)).toBe(true);
  expect([null, undefined, [], "x", 1, true].some(isObject)).toBe(false);
});
