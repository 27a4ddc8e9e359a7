import { describe, expect, it } from "vitest";
import { beside } from "./beside.ts";

const id = (end: string, fill = "0"): string => `ntc_${end.padStart(26, fill)}`;

describe("the id beside another", () => {
  it.each([
    [id("7"), id("6"), id("8")],
    [id("h"), id("g"), id("j")],
    [id("10"), id("z", "0"), id("11")],
    [id("5zz"), id("5zy"), id("600")],
    [id("0"), undefined, id("1")],
    [id("z", "z"), id("zy", "z"), undefined],
  ])("of %s is %s and %s", (of, before, after) => {
    expect(beside("ntc", of, -1)).toBe(before);
    expect(beside("ntc", of, 1)).toBe(after);
  });

  it("has none between them, in the order that the server sorts ids in", () => {
    const of = id("01m8b8t46073wsv7gtg65rz2pz");
    const [before = "", after = ""] = [beside("ntc", of, -1), beside("ntc", of, 1)];
    expect([after, of, before].sort()).toEqual([before, of, after]);
    expect(beside("ntc", before, 1)).toBe(of);
    expect(beside("ntc", after, -1)).toBe(of);
  });

  it.each([
    "",
    "zzz",
    "ntc_7",
    `gov_${"7".repeat(26)}`,
    `ntc_${"i".repeat(26)}`,
    `ntc_${"7".repeat(27)}`,
    `${id("7")}\n`,
  ])("of what is no such id is none: %j", (of) => {
    expect(beside("ntc", of, 1)).toBeUndefined();
  });
});
