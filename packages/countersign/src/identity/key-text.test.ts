import fc from "fast-check";
import { expect, it } from "vitest";
import { newId } from "../floor/id.ts";
import { type KeyPrefix, keyTextPattern, mintKeyText, parseKeyText } from "./key-text.ts";

const prefixes: readonly KeyPrefix[] = ["csk", "csp", "csl", "css"];
const kinds = { csk: "key", csp: "key", csl: "tok", css: "ses" } as const;

it("a minted text reads back as its id and hash, is found by the scanner's pattern, and opens no other prefix", () => {
  for (const prefix of prefixes) {
    const id = newId(kinds[prefix]);
    const { secret, hash } = mintKeyText(prefix, id);
    const text = secret.reveal();
    expect(parseKeyText(prefix, text)).toEqual({ id, hash });
    expect(keyTextPattern.test(`KEY=${text}\n`)).toBe(true);
    for (const other of prefixes) if (other !== prefix) expect(parseKeyText(other, text)).toBeUndefined();
  }
});

it("every single changed character is caught by the checksum or the form", () => {
  const text = mintKeyText("csk", newId("key")).secret.reveal();
  const anyChar = fc.constantFrom(..."0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-. ");
  fc.assert(
    fc.property(fc.nat(text.length - 1), anyChar, (place, char) => {
      fc.pre(text[place] !== char);
      expect(parseKeyText("csk", text.slice(0, place) + char + text.slice(place + 1))).toBeUndefined();
    }),
    { numRuns: 2000 },
  );
});

it("a text that is longer, shorter or padded is none", () => {
  const text = mintKeyText("csk", newId("key")).secret.reveal();
  for (const other of [`${text}0`, text.slice(0, -1), ` ${text}`, `${text}\n`, ""]) {
    expect(parseKeyText("csk", other)).toBeUndefined();
  }
});

it("keys do not repeat and do not print", () => {
  const texts = Array.from({ length: 500 }, () => mintKeyText("csk", newId("key")));
  expect(new Set(texts.map((one) => one.secret.reveal().slice(31, 74))).size).toBe(500);
  expect(`${texts[0]?.secret} ${JSON.stringify(texts[0]?.secret)}`).toBe('[secret] "[secret]"');
});
