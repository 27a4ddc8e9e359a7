import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { read } from "./clean.fixture.ts";

describe("an address of the web", () => {
  it("gives its parts", () => {
    expect(read("url", "HTTPS://API.Acme.Example:8443/v1/a%20b/?q=1")).toEqual({
      schemes: ["https"],
      hosts: ["api.acme.example"],
      within: ["acme.example", "api.acme.example"],
      touches: ["acme.example", "api.acme.example"],
      ports: [8443],
      paths: ["/v1/a b"],
      segments: ["a b", "v1"],
      bases: [
        "https://api.acme.example:8443",
        "https://api.acme.example:8443/v1",
        "https://api.acme.example:8443/v1/a b",
      ],
      user: false,
      literal: false,
      internal: false,
      query: true,
      count: 1,
    });
  });

  it("is its host, whoever stands before it", () => {
    expect(read("url", "https://git.acme.example@evil.example/x")).toMatchObject({
      hosts: ["evil.example"],
      user: true,
    });
    expect(read("url", "https://acme.example:443@evil.example:443")).toMatchObject({ hosts: ["evil.example"] });
  });

  it.each([
    ["http://127.0.0.1/", true],
    ["http://10.1.2.3/", true],
    ["http://172.31.0.1/", true],
    ["http://192.168.0.1/", true],
    ["http://169.254.169.254/latest/meta-data", true],
    ["http://100.64.0.1/", true],
    ["http://0.0.0.0/", true],
    ["http://[::1]/", true],
    ["http://[::]/", true],
    ["http://[::ffff:127.0.0.1]/", true],
    ["http://[::ffff:7f00:1]/", true],
    ["http://[::7f00:1]/", true],
    ["http://[64:ff9b::a00:1]/", true],
    ["http://[fe80::1]/", true],
    ["http://[fd00::1]/", true],
    ["http://[2002:7f00:1::]/", true],
    ["http://localhost/", true],
    ["http://db/", true],
    ["http://metadata.google.internal/", true],
    ["http://a.localhost/", true],
    ["http://8.8.8.8/", false],
    ["http://[2606:4700::1111]/", false],
    ["http://[::ffff:8.8.8.8]/", false],
    ["http://172.32.0.1/", false],
  ])("%s is of this network: %s", (text, internal) => {
    expect(read("url", text)).toMatchObject({ internal });
  });

  it.each([
    ["a number for a host", "http://2130706433/"],
    ["an octal number", "http://0177.0.0.1/"],
    ["a hexadecimal number", "http://0x7f.0.0.1/"],
    ["one hexadecimal number", "http://0x7f000001/"],
    ["a short address", "http://127.1/"],
    ["a number with a name", "http://a.1/"],
    ["a byte too large", "http://256.0.0.1/"],
    ["a dot at the end", "http://acme.example./"],
    ["a zone", "http://[fe80::1%25eth0]/"],
    ["a backslash", "https://acme.example\\@evil.example/"],
    ["two signs", "https://a@b@acme.example/"],
    ["a blank", "https://acme.example /"],
    ["a tab inside", "ht\ttps://acme.example/"],
    ["a line feed", "https://acme.example/\n"],
    ["a fragment", "https://acme.example/#@evil.example"],
    ["no slashes", "https:acme.example"],
    ["three slashes", "https:///acme.example/"],
    ["no scheme", "//acme.example/"],
    ["script", "javascript://acme.example/%0aalert(1)"],
    ["a file", "file:///etc/passwd"],
    ["a Cyrillic letter", "https://аcme.example/"],
    ["a fullwidth dot", "https://acme．example/"],
    ["a circled letter", "https://ⓐcme.example/"],
    ["a zero-width joiner", "https://ac\u200dme.example/"],
    ["a port of zero", "https://acme.example:0/"],
    ["a port too large", "https://acme.example:65536/"],
    ["an empty port", "https://acme.example:/"],
    ["a climb", "https://acme.example/a/../b"],
    ["an escaped climb", "https://acme.example/a/%2e%2e/b"],
    ["a climb escaped twice", "https://acme.example/a/%252e%252e/b"],
    ["an escaped slash", "https://acme.example/a%2fb"],
    ["an escaped backslash", "https://acme.example/a%5cb"],
    ["an escaped NUL", "https://acme.example/a%00"],
    ["a parameter", "https://acme.example/admin;x=1/y"],
    ["a doubled slash", "https://acme.example//admin"],
    ["a broken escape", "https://acme.example/%zz"],
    ["an overlong escape", "https://acme.example/%c0%ae"],
    ["an escaped override", "https://acme.example/%e2%80%ae"],
  ])("with %s is no clean one", (_, text) => {
    expect(read("url", text)).toBeTypeOf("string");
  });

  it("is the host that a client goes to, wherever it is clean", () => {
    const part = fc.constantFrom(
      ..."http:|https:|/|//|@|:|acme.example|evil.example|127.0.0.1|0x7f|1|[::1]|.|..|%2e|%40|?|#|\\|;|a|A|-|xn--a|localhost|80".split(
        "|",
      ),
    );
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 9 }), (parts) => {
        const text = `http://${parts.join("")}`;
        const found = read("url", text);
        if (typeof found === "string") return;
        const client = new URL(text);
        expect(found.hosts).toEqual([client.hostname]);
        expect(found.ports).toEqual([client.port === "" ? 80 : Number(client.port)]);
        expect(found.user).toBe(text.includes("@") && /^[^/?]*@/.test(text.slice(7)));
        expect((found.paths as readonly string[])[0]).toBe(
          decodeURIComponent(client.pathname).replace(/(?<=.)\/$/, ""),
        );
      }),
      { numRuns: 5_000 },
    );
  });
});
