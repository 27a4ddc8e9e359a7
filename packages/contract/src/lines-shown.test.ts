import { describe, expect, it } from "vitest";
import { linesAsText, linesShown, pageOf } from "./lines-shown.ts";

describe("lines of a difference", () => {
  it("that are empty or say the same fold into one, which says how many they are", () => {
    const many = (line: string, count = 20_480) => Array.from({ length: count }, () => line);
    expect(
      linesAsText(["  same", ...many("+ "), ...many("+ \t \u00a0"), "+ tail", ...many("- x"), ...many("+ x"), "…"]),
    ).toEqual([
      "  same",
      "+ ⟨40960 empty lines⟩",
      "+ tail",
      "- x⟨20480 lines that say this⟩",
      "+ x⟨20480 lines that say this⟩",
      "…",
    ]);
    expect(linesAsText([...many("+ \u2800"), ...many("+ \u200b"), ...many("- ")])).toEqual([
      "+ ⟨40960 empty lines, with characters that cannot be seen⟩",
      "- ⟨20480 empty lines⟩",
    ]);
  });

  it("that are few, or differ, stay as they are", () => {
    const few = ["+ ", "+ ", "+ ", "+ ", "+ ", "  a", "  a", "- b", "+ c", "+ d"];
    expect(linesShown(few).map(({ sign, text, note }) => [`${sign} ${text}`, note])).toEqual(
      few.map((line) => [line, undefined]),
    );
  });

  it("come as many as fit, and what is left is counted to the last character", () => {
    const all = linesShown(["+ abc", "+ defgh", ...Array.from({ length: 9 }, () => "+ same"), "+ z"]);
    expect(pageOf(all, { rows: 300, characters: 1_000 })).toEqual({ rows: all, lines: 0, characters: 0 });
    expect(pageOf(all, { rows: 2, characters: 1_000 })).toMatchObject({ lines: 10, characters: 5 });
    const cut = pageOf(all, { rows: 300, characters: 6 });
    expect(cut.rows.map(({ text }) => text)).toEqual(["abc", "de"]);
    expect(cut).toMatchObject({ lines: 10, characters: 8 });
  });
});
