import { describe, expect, it } from "vitest";
import { json, line, lines, paintFor, table } from "./paint.ts";

it("says how long padding is, and which letters pass for others", () => {
  expect(lines(`a${" ".repeat(20_480)}b`)).toEqual(["a⟨20480 spaces⟩b"]);
  expect(line("pay p\u0430ypal\u202e")).toBe("pay p\u0430ypal⟨letters of Latin and Cyrillic in one word⟩\\u{202e}");
});

const hostile = "a\u001b[31mred\u001b]0;title\u0007\u009b2J\u202eevil\u2066\r\nb\u200bc";
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not come through
const moves = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]|\p{Cf}/u;

describe("text of strangers", () => {
  it("is shown on one line without anything that moves a cursor or turns text around", () => {
    expect(line(hostile)).not.toMatch(moves);
    expect(line(hostile)).not.toContain("\n");
    expect(line(hostile)).toContain("\\u{001b}[31mred");
    expect(lines(hostile).join("\n")).not.toMatch(moves);
    expect(table(["x"], [[hostile]], paintFor(false, {})).join("\n")).not.toMatch(moves);
  });

  it("means the same in JSON, which shows nothing but plain characters", () => {
    const value = { [hostile]: [hostile, "\u{e0041} tag", "plain é 日本"] };
    const text = json(value);
    expect(text).not.toMatch(moves);
    expect(text).toContain("plain é 日本");
    expect(JSON.parse(text)).toEqual(value);
  });

  it("is never cut without a word", () => {
    expect(lines("1\n2\n3", 2)).toEqual(["1", "2", "… 1 more lines"]);
    expect(lines("abcdef", 9, 3)).toEqual(["abc… (3 more)"]);
    expect(line("x".repeat(30), 10)).toMatch(/…$/);
  });
});

describe("colours", () => {
  it.each([
    [true, {}, "\u001b[31mx\u001b[39m"],
    [false, {}, "x"],
    [true, { NO_COLOR: "1" }, "x"],
    [true, { NO_COLOR: "" }, "\u001b[31mx\u001b[39m"],
    [true, { TERM: "dumb" }, "x"],
  ])("where a terminal is %s and the environment %j", (isTty, env, expected) => {
    expect(paintFor(isTty, env).bad("x")).toBe(expected);
  });
});
