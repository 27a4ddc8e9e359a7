import { describe, expect, it } from "vitest";
import { seen, seenAsText } from "./seen.ts";

const marksOf = (text: string) => seen(text).flatMap(({ mark }) => (mark === undefined ? [] : [mark]));

describe("text in which nothing can hide", () => {
  it.each([
    ["\u202egnp.exe", "⟨U+202E⟩gnp.exe"],
    ["a\u200b\u{e0041}b", "a⟨U+200B⟩⟨U+E0041⟩b"],
    ["\u0000\u001b[31m", "⟨U+0000⟩⟨U+001B⟩[31m"],
    [`a${"\u200b".repeat(12)}b`, "a⟨12 hidden: U+200B⟩b"],
    [`a${"\u200b\u200c\u200d\u2060\u00ad".repeat(4)}b`, "a⟨20 hidden: U+200B, U+200C, U+200D, U+2060 and others⟩b"],
    ["a\u3164b\u2800c\u{1d159}d\uffa0", "a⟨U+3164⟩b⟨U+2800⟩c⟨U+1D159⟩d⟨U+FFA0⟩"],
    [`a${"\u2800".repeat(20_480)}tail`, "a⟨20480 hidden: U+2800⟩tail"],
    [`a${" ".repeat(20_480)}tail`, "a⟨20480 spaces⟩tail"],
    [`a${" \u2800".repeat(10_240)}tail`, "a⟨20480 blanks⟩tail"],
    [`a${"\n".repeat(20_480)}tail`, "a⟨20480 empty lines⟩tail"],
    [`a${" \t\n".repeat(6)}tail`, "a⟨6 empty lines⟩tail"],
    [`a\n${"\u2800\n".repeat(9)}tail`, "a⟨10 empty lines, with characters that cannot be seen⟩tail"],
    [`a\n${"\u200b\n".repeat(9)}tail`, "a⟨10 empty lines, with characters that cannot be seen⟩tail"],
    [JSON.stringify(`a${"\n".repeat(20_480)}tail`), '"a⟨20480 escapes: \\n⟩tail"'],
    [
      JSON.stringify(`a${"\u3164\n".repeat(20_480)}tail`),
      '"a⟨20480 escapes: \\n, with characters that cannot be seen⟩tail"',
    ],
    [JSON.stringify(`a${" \r\n\u0000".repeat(9)}tail`), '"a⟨27 escapes: \\r, \\n, \\u0000⟩tail"'],
    [`o${"\u0301".repeat(60)}ver`, "o⟨60 marks over one letter⟩ver"],
  ])("%# writes out what cannot be seen, and how much of it there is", (given, shown) => {
    expect(seenAsText(given)).toBe(shown);
    expect(
      seen(given)
        .map(({ text, replaces }) => replaces ?? text)
        .join(""),
    ).toBe(given);
  });

  it.each([
    ["p\u0430ypal", "letters of Latin and Cyrillic in one word"],
    ["p\u0301\u0430ypal", "letters of Latin and Cyrillic in one word"],
    ["paypal.с\u043em", "letters of Latin and Cyrillic in one word"],
    ["раура", "letters of Cyrillic that look like paypa"],
    ["pay раура now", "letters of Cyrillic that look like paypa"],
    ["https://раура/login", "letters of Cyrillic that look like paypa"],
    ["о365", "letters of Cyrillic that look like o365"],
    ["ΡΑΥΡΑ", "letters of Greek that look like PAYPA"],
    ["ᏢᎪᏦ", "letters of Cherokee that look like PAK"],
    ["ｐａｙｐａｌ", "wide or styled letters that spell paypal"],
    ["𝐩𝐚𝐲𝐩𝐚𝐥", "wide or styled letters that spell paypal"],
    ["東/pay/ｐａｙ", "wide or styled letters that spell pay"],
  ])("names letters that pass for others: %s", (given, mark) => {
    expect(marksOf(given)).toEqual([mark]);
    expect(seenAsText(given)).toContain(`⟨${mark}⟩`);
    // Mails are made in two steps: what is said is said once.
    expect(seenAsText(seenAsText(given))).toBe(seenAsText(given));
    // What only looks like our own word does not stand for it.
    expect(seenAsText(`${given}⟨checked⟩`)).toContain(`⟨${mark}⟩`);
  });

  it.each([
    "Она вот там. Как мост через Неву? А у нас ухо.",
    "привет мир, MySQL и Redis; сор из избы",
    "Документы/отчет 2024",
    "και είναι ο κόσμος του νου",
    "α = 0.05, χ² and 5 µm, cos(α), ½ of №3",
    "東京２０２０大会（ＡＰＩ）を開きます。　値：１２３",
    "العربية हिन्दी ไทยน้ำ 한국어 עִבְרִית Tiếng Việt",
    "naïve café Ångström 😀",
    "⠓⠑⠇⠇⠕⠀⠺⠕",
    "  indented\n\n\tand spaced   out\n",
  ])("leaves alone what people write: %s", (given) => {
    expect(seen(given)).toEqual([{ text: given }]);
  });

  it("is nothing of nothing", () => {
    expect(seen("")).toEqual([]);
  });
});
