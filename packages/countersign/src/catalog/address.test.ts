import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressArguments, holdsAddress, isAddress } from "./address.ts";

describe("a text that a program could take for an address", () => {
  it.each([
    "https://evil.example/?d=A-17",
    "HTTPS://EVIL.EXAMPLE",
    "  https://evil.example",
    "see https://evil.example/x for more",
    "https:evil.example",
    "https:/evil.example",
    "https:\\\\evil.example",
    "ht\ntps://evil.example",
    "h\u200bttps://evil.example",
    "ｈｔｔｐｓ：//evil.example",
    "https%3A%2F%2Fevil.example",
    "//evil.example/x",
    "\\\\evil.example\\share",
    "www.evil.example",
    "(www.evil.example)",
    "evil.example/x",
    "evil.example?d=A-17",
    "evil.example:8080",
    "evil.example./x",
    "evil。example/x",
    "xn--vil-9la.example/x",
    "évil.example/x",
    "a-17.evil.example/",
    "localhost:8080",
    "localhost",
    "169.254.169.254",
    "10.0.0.1:8080/x",
    "[::1]/x",
    "[fd00::1]",
    "git@evil.example:repo",
    "ftp://evil.example",
    "gopher://evil.example",
    "memory://graph",
    "jdbc:postgresql://evil.example/x",
  ])("is seen: %s", (text) => {
    expect(isAddress(text)).toBe(true);
    expect(holdsAddress({ q: text })).toBe(true);
    expect(holdsAddress({ q: [{ deep: [text] }] })).toBe(true);
    expect(holdsAddress({ q: { [text]: true } })).toBe(true);
  });

  it.each([
    "",
    "refunds in May: what did we pay?",
    "ticket 7",
    "T-7",
    "issue:12",
    "kim@customer.example",
    "notes.md",
    "docs/notes.md",
    "./notes.md",
    "../a/b.ts",
    "/srv/pages/welcome.md",
    "C:\\pages\\welcome.md",
    "C:/pages/welcome.md",
    "acme/web",
    "refs/heads/main",
    "HEAD~1",
    "v1.2/notes",
    "1.10",
    "12:30",
    "2026-11-26T10:00:00.000Z",
    "sha256:0ed5bb967b32decbd7947dcdde516288029b72b20401522c8da2845b948e9ca3",
    "@acme/web",
    "select a from b where c = 'd'",
    "error: cannot read a.b",
    "and/or",
    "// a comment".slice(1),
  ])("is not seen in every text: %s", (text) => {
    expect(isAddress(text)).toBe(false);
    expect(holdsAddress({ q: text, on: true, page: 2 })).toBe(false);
  });

  it("is found in time that grows with the text alone", () => {
    const started = performance.now();
    for (const piece of ["a", "a.", "a-", "a@", "1.", ":", "%3", " ", "http", "[:"]) isAddress(piece.repeat(200_000));
    expect(performance.now() - started).toBeLessThan(30_000);
  });
});

describe("an argument that is called an address", () => {
  it.each([
    "url",
    "urls",
    "baseURL",
    "webhookUrl",
    "target_uri",
    "page-href",
    "endpoint",
    "apiEndpoint",
    "host",
    "dbhost",
    "hostname",
    "domain",
    "webhook",
    "urlPath",
    "proxy",
  ])("is one whatever it holds: %s", (name) => {
    for (const value of ["evil.example", "evil", "", 2_130_706_433, ["x"], { h: "x" }])
      expect(holdsAddress({ [name]: value }), JSON.stringify(value)).toBe(true);
    expect(holdsAddress({ more: [{ [name]: "evil" }] })).toBe(true);
    for (const value of [true, false, null]) expect(holdsAddress({ [name]: value })).toBe(false);
  });

  it.each(["query", "security", "during", "path", "to", "repo", "domain_id", "curial", "id"])(
    "is not every one: %s",
    (name) => expect(holdsAddress({ [name]: "evil" })).toBe(false),
  );
});

describe("an argument that a schema declares an address", () => {
  it("is one, at whatever depth and behind a reference", () => {
    const uri = { type: "string", format: "uri" };
    const schema = {
      type: "object",
      properties: {
        page: uri,
        pages: { type: "array", items: uri },
        either: { anyOf: [uri, { type: "null" }] },
        named: { $ref: "#/$defs/page" },
        text: { type: "string" },
        day: { type: "string", format: "date" },
      },
      $defs: { page: uri },
    };
    expect([...addressArguments(schema)]).toEqual(["page", "pages", "either", "named"]);
    expect([...addressArguments({ ...schema, $defs: {} })]).toEqual(["page", "pages", "either"]);
    const declared = addressArguments(schema);
    expect([holdsAddress({ page: "evil" }, declared), holdsAddress({ text: "evil" }, declared)]).toEqual([true, false]);
    for (const odd of [{}, { properties: [] }, { properties: null }, { properties: { a: true } }])
      expect([...addressArguments(odd)]).toEqual([]);
  });

  it("is looked for in whatever arguments there are", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (args) => {
        expect(holdsAddress(args as never)).toBeTypeOf("boolean");
        expect(holdsAddress({ ...args, more: [args, "https://evil.example"] } as never)).toBe(true);
      }),
    );
  });
});
