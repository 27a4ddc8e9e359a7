import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isCommit, isTelling, lineOf, partsOf, piecesOf } from "./piece.ts";

describe("a piece", () => {
  it.each([
    ["https://github.com/acme/shop/pull/12?diff=split#r1", "github.com/acme/shop/pull/12"],
    ["HTTPS://GitHub.com:443/acme/shop/pull/12/", "github.com/acme/shop/pull/12"],
    ["http://github.com/acme//shop/./pull/12", "github.com/acme/shop/pull/12"],
    ["github.com/acme/shop/pull/12#discussion", "github.com/acme/shop/pull/12"],
    ["https://ana:word@wiki.acme.example/a%20b", "wiki.acme.example/a b"],
    ["file:///srv/docs/Readme.md", "srv/docs/readme.md"],
    ["file:/srv/docs/Readme.md", "srv/docs/readme.md"],
    ["\\srv\\docs\\README.md", "srv/docs/readme.md"],
    ["./srv/docs/readme.md,", "srv/docs/readme.md"],
    ["(ACME-123)", "acme-123"],
    ["acme/shop#12", "acme/shop#12"],
    ["“#12”.", "#12"],
    ["mailto:Ana@Acme.Example", "ana@acme.example"],
    ["cafe\u0301", "café"],
    ["…", ""],
  ])("%j is %j", (raw, piece) => {
    expect(lineOf(raw)).toBe(piece);
  });

  it("is the same however often it is read", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 80 }), (text) => {
        const once = lineOf(text);
        expect(lineOf(once).split(" ").length).toBeGreaterThanOrEqual(once === "" ? 1 : 0);
        for (const piece of piecesOf(text)) expect(piece).toBe(piece.normalize("NFC"));
      }),
    );
  });

  it("of a hostile text ends", () => {
    const hostile = [
      "!".repeat(16_384),
      "%41".repeat(5_000),
      "a-".repeat(8_000),
      "/.".repeat(8_000),
      "#".repeat(16_384),
    ];
    for (const piece of hostile.flatMap(piecesOf)) expect(partsOf(piece).length).toBeLessThan(2_000);
  });
});

describe("its parts", () => {
  it("are what stands between slashes, words, numbers, and ids in it", () => {
    expect(partsOf("github.com/acme/shop/pull/12")).toEqual(
      expect.arrayContaining(["github.com", "github", "com", "acme", "shop", "pull", "12"]),
    );
    expect(partsOf("feature/acme-123-fix-login.ts")).toEqual(
      expect.arrayContaining(["feature", "acme-123", "login", "fix"]),
    );
    expect(partsOf("acme/shop#12")).toEqual(expect.arrayContaining(["#12", "shop#12"]));
    for (const word of ["word", "2026", "v1", "deadbeef"]) expect(partsOf(word)).toEqual([]);
    expect(partsOf("文書/報告.md")).toEqual(expect.arrayContaining(["文書", "報告.md", "報告"]));
  });

  it("tell an address, a ticket and a commit from a word", () => {
    expect(["a/b", "#7", "acme-1", "1f2e3d4"].map(isTelling)).toEqual([true, true, true, true]);
    expect(["word", "2026", "deadbeef", "1234567"].map(isTelling)).toEqual([false, false, false, false]);
    expect(isCommit("6b2f7c1de3a94c0fb7a1d2e3f4a5b6c7d8e9f012")).toBe(true);
  });
});
