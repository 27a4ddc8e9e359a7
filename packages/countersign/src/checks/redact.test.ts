import { randomBytes } from "node:crypto";
import type { Json } from "@countersign/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Secret } from "../floor/secret.ts";
import { redact } from "./redact.ts";
import { createScreen } from "./secrets.ts";

const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789+/=_-.!&%"\\<ü ';
const canaries = Array.from({ length: 200 }, (_, n) => {
  const length = 12 + (n % 40);
  const letters = [...randomBytes(length)].map((byte) => alphabet[byte % (n % 3 === 0 ? alphabet.length : 62)]);
  return `K${letters.join("").trim()}9q`;
});
// Many letters beyond ASCII, for their length: what holds them encoded does not read as text.
canaries.push('K4üH.8mdjüA"N5nLaiwxiYBRüüqgFKüWMZ9q', "KkbV=6sShVmbüüHEC9q", "Ключüß-9q-éàüöä");
const screen = createScreen({
  known: { revision: 1, values: () => canaries.map((value) => new Secret(value)) },
  budgetMs: 60_000,
});

const bytes = (text: string): Buffer => Buffer.from(text, "utf8");
const each = (text: string, write: (char: string) => string): string => [...text].map(write).join("");
const percent = (text: string): string =>
  [...bytes(text)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
const unit = (char: string): string =>
  [...char]
    .map((c) => [...Array(c.length).keys()].map((i) => `\\u${c.charCodeAt(i).toString(16).padStart(4, "0")}`).join(""))
    .join("");

/** Each way of writing, and how a reader gets the value back: what the reader gets after redaction must not hold it. */
const encodings: {
  readonly [name: string]: { readonly write: (text: string) => string; readonly read: (text: string) => string };
} = {
  plain: { write: (text) => text, read: (text) => text },
  base64: {
    write: (text) => bytes(text).toString("base64"),
    read: (text) => Buffer.from(text, "base64").toString("utf8"),
  },
  base64url: {
    write: (text) => bytes(text).toString("base64url"),
    read: (text) => Buffer.from(text, "base64url").toString("utf8"),
  },
  base64Shifted1: {
    write: (text) => bytes(`u${text}tail`).toString("base64"),
    read: (text) => Buffer.from(text, "base64").toString("utf8"),
  },
  base64Shifted2: {
    write: (text) => bytes(`us${text}tail`).toString("base64"),
    read: (text) => Buffer.from(text, "base64").toString("utf8"),
  },
  base64Twice: {
    write: (text) => bytes(bytes(`x:${text}`).toString("base64")).toString("base64"),
    read: (text) => Buffer.from(Buffer.from(text, "base64").toString(), "base64").toString("utf8"),
  },
  base64Lines: {
    write: (text) =>
      bytes(`${"-".repeat(50)}${text}${"=".repeat(90)}`)
        .toString("base64")
        .replace(/.{76}/g, "$&\r\n"),
    read: (text) => Buffer.from(text, "base64").toString("utf8"),
  },
  hex: { write: (text) => bytes(text).toString("hex"), read: (text) => Buffer.from(text, "hex").toString("utf8") },
  hexUpper: {
    write: (text) => bytes(text).toString("hex").toUpperCase(),
    read: (text) => Buffer.from(text, "hex").toString("utf8"),
  },
  hexMixed: {
    write: (text) => each(bytes(text).toString("hex"), (c) => (Math.random() < 0.5 ? c : c.toUpperCase())),
    read: (text) => Buffer.from(text, "hex").toString("utf8"),
  },
  url: { write: encodeURIComponent, read: unpercent },
  percent: { write: percent, read: unpercent },
  urlTwice: {
    write: (text) => encodeURIComponent(encodeURIComponent(text)),
    read: (text) => unpercent(unpercent(text)),
  },
  json: { write: (text) => JSON.stringify(text).slice(1, -1), read: unjson },
  jsonUnits: { write: (text) => each(text, unit), read: unjson },
  jsonTwice: { write: (text) => JSON.stringify(JSON.stringify({ text })), read: (text) => unjson(unjson(text)) },
  html: {
    write: (text) => each(text, (char) => `&#x${char.codePointAt(0)?.toString(16)};`),
    read: (text) =>
      text.replace(/&#x([0-9a-f]+);/g, (_, point: string) => String.fromCodePoint(Number.parseInt(point, 16))),
  },
  zeroWidth: { write: (text) => each(text, (char) => `${char}\u200b`), read: (text) => text.replaceAll("\u200b", "") },
  fullWidth: {
    write: (text) =>
      each(text, (char) => (char > " " && char < "\x7f" ? String.fromCharCode(char.charCodeAt(0) + 0xfee0) : char)),
    read: (text) => text.normalize("NFKC"),
  },
  spaced: { write: (text) => [...text].join(" "), read: (text) => text.replaceAll(" ", "") },
  reversed: { write: (text) => [...text].reverse().join(""), read: (text) => [...text].reverse().join("") },
};

function unpercent(text: string): string {
  return Buffer.from(
    text.replace(/%([0-9a-f]{2})/gi, (_, byte: string) => String.fromCharCode(Number.parseInt(byte, 16))),
    "latin1",
  ).toString("utf8");
}
function unjson(text: string): string {
  return text
    .replace(/\\u([0-9a-f]{4})/gi, (_, point: string) => String.fromCharCode(Number.parseInt(point, 16)))
    .replace(/\\(.)/g, "$1");
}

describe("known values", () => {
  it(`MT-118 ${canaries.length} canaries in ${Object.keys(encodings).length} encodings: none passes redaction`, () => {
    const through: string[] = [];
    for (const [name, { write, read }] of Object.entries(encodings)) {
      for (const canary of canaries) {
        const wire = write(canary);
        const { value, count } = screen.redact({
          content: [{ type: "text", text: wire }],
          [wire]: [1, { deep: `a ${wire} b` }],
        });
        const out = JSON.stringify(value);
        const squeezed = (text: string): string => text.replace(/\s/g, "");
        const back = squeezed(read(String((value as { content: { text: string }[] }).content[0]?.text)));
        if (count < 3 || out.includes(wire) || back.includes(squeezed(canary))) through.push(`${name}: ${canary}`);
      }
    }
    expect(through).toEqual([]);
  });

  it("MT-118 the matrix can fail: without the known values every encoding passes", () => {
    const blind = createScreen();
    const passing = Object.values(encodings).filter(
      ({ write }) => blind.redact({ text: write("Kqwmzrtplhvbn") }).count === 0,
    );
    expect(passing.length).toBe(Object.keys(encodings).length);
  });

  it("keeps the text around a value", () => {
    const [canary = ""] = canaries;
    expect(screen.redact({ text: `é before ${encodeURIComponent(canary)} after é` }).value).toEqual({
      text: "é before [redacted: known-value] after é",
    });
    expect(screen.redact(`zero\u200bwidth ${canary}, and\u200b so on`).value).toBe(
      "zero\u200bwidth [redacted: known-value], and\u200b so on",
    );
  });

  it("finds a value inside a binary blob, and each line of one that has several", () => {
    const [canary = ""] = canaries;
    const blob = Buffer.concat([randomBytes(1000), bytes(canary), randomBytes(1001)]).toString("base64");
    expect(screen.redact({ blob }).value).toEqual({ blob: "[redacted: known-value]" });
    const key = Array.from({ length: 6 }, () => randomBytes(48).toString("base64")).join("\n");
    const lines = createScreen({ known: { revision: 1, values: () => [new Secret(key)] } });
    expect(lines.redact({ text: key.replaceAll("\n", "\r\n") }).rules).toEqual(["known-value"]);
    expect(JSON.stringify(lines.redact({ text: `line: ${key.split("\n")[3]}` }).value)).not.toContain(
      key.split("\n")[3],
    );
  });

  it("finds digits that come back as a number", () => {
    const pin = createScreen({ known: { revision: 1, values: () => [new Secret("4929103348")] } });
    expect(pin.redact({ pin: 4929103348, port: 5432 }).value).toEqual({ pin: "[redacted: known-value]", port: 5432 });
  });

  it("learns a value that is handed out later", () => {
    const held: Secret[] = [];
    let revision = 0;
    const growing = createScreen({
      known: {
        get revision() {
          return revision;
        },
        values: () => held,
      },
    });
    const value = { text: "it is qwvrtzpsdfgh" };
    expect(growing.redact(value).value).toBe(value);
    held.push(new Secret("qwvrtzpsdfgh"));
    revision++;
    expect(growing.redact(value).value).toEqual({ text: "it is [redacted: known-value]" });
  });
});

describe("redact", () => {
  const json = fc.jsonValue({ maxDepth: 5 }) as fc.Arbitrary<Json>;

  it("gives back the very same value where nothing is found", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(redact(value, () => []).value).toBe(value);
      }),
    );
  });

  it("leaves no trace of what is found, in values, keys or evidence, and keeps the shape", () => {
    fc.assert(
      fc.property(
        json,
        fc.string({ unit: fc.constantFrom("x", "y", "/", "~", '"', "0"), minLength: 3, maxLength: 6 }),
        (value, needle) => {
          const planted = { list: [value, `a${needle}b`], [needle]: { [`${needle}2`]: needle }, __proto__x: 1 } as Json;
          const found = redact(planted, (text) => {
            const at = text.indexOf(needle);
            return at < 0 ? [] : [{ rule: "r", start: at, end: at + needle.length }];
          });
          if (!JSON.stringify(value).includes(JSON.stringify(needle).slice(1, -1))) {
            expect(JSON.stringify(found.value)).not.toContain(JSON.stringify(needle).slice(1, -1));
            expect(found.count).toBe(4);
          }
          expect(JSON.stringify(found.evidence.map((row) => row.pointer))).not.toContain(
            needle.replaceAll("~", "~0").replaceAll("/", "~1"),
          );
          expect(Object.keys(found.value as object)).toHaveLength(3);
        },
      ),
    );
  });

  it("keeps two redacted keys apart, and `__proto__` a plain member", () => {
    const value = JSON.parse('{"tok-1":1,"tok-2":2,"__proto__":{"x":"tok-3"}}') as Json;
    const out = redact(value, (text) =>
      text.startsWith("tok") ? [{ rule: "r", start: 0, end: text.length }] : [],
    ).value;
    expect(JSON.stringify(out)).toBe('{"[redacted: r]":1,"[redacted: r] 2":2,"__proto__":{"x":"[redacted: r]"}}');
    expect(Object.getPrototypeOf(out)).toBe(Object.prototype);
  });

  it("replaces as a whole what cannot be scanned", () => {
    let deep: Json = "x";
    for (let i = 0; i < 5_000; i++) deep = [deep];
    expect(screen.redact(deep)).toMatchObject({ value: "[redacted: unscanned]", rules: ["unscanned"] });
    const small = createScreen({ budgetChars: 10_000 });
    expect(small.redact({ text: "word ".repeat(5_000) }).value).toBe("[redacted: unscanned]");
  });
});
