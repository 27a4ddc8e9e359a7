import { posix } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { foldersOf, isWithin, normalisePath, parsePath, parseUrl } from "./place.ts";

describe("normalisePath", () => {
  it("resolves dots, doubled and trailing slashes", () => {
    expect(normalisePath("/a/./b//../c/")).toBe("/a/c");
    expect(normalisePath("/../../x")).toBe("/x");
    expect(normalisePath("/")).toBe("/");
  });

  it("maps a relative path only where a base is declared", () => {
    expect(normalisePath("a/b")).toBeUndefined();
    expect(normalisePath("../b", "/ws/sandbox")).toBe("/ws/b");
  });

  it("gives up on whatever two programs may read differently", () => {
    const bad: unknown[] = [
      "",
      "/a\0b",
      "/a\nb",
      "/a\\..\\b",
      "~/x",
      '"/a"',
      '/a/.."',
      " /a",
      "/a ",
      "/a/ /b",
      "/a/b.",
      "file:///a",
      "C:/a",
      "/e\u0301",
      "/a\u200b",
      "/a\u202eb",
      "/\ud800",
      1,
      null,
      ["/a"],
      { toString: () => "/a" },
      `/${"a".repeat(5000)}`,
    ];
    for (const path of bad) expect(normalisePath(path), JSON.stringify(path)).toBeUndefined();
  });

  it("agrees with the path module wherever it answers", () => {
    const segment = fc.constantFrom("a", "b", "..", ".", "", "c d", "\u00e9", "...", "~", ".git");
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 8 }), (segments) => {
        const path = `/${segments.join("/")}`;
        const normal = normalisePath(path);
        if (normal !== undefined) expect(normal).toBe(posix.resolve(path));
      }),
    );
  });
});

describe("isWithin", () => {
  it("compares whole segments", () => {
    expect(isWithin("/ws/sandbox2/x", "/ws/sandbox")).toBe(false);
    expect(isWithin("/ws/sandbox", "/ws/sandbox")).toBe(true);
    expect(isWithin("/x", "/")).toBe(true);
  });
});

describe("parsed values", () => {
  it("offers a path's folders and an address's host", () => {
    expect(parsePath("/a/b.TXT")).toEqual({
      path: "/a/b.TXT",
      name: "b.TXT",
      extension: "txt",
    });
    expect(foldersOf("/a/b.TXT")).toEqual(["/", "/a", "/a/b.TXT"]);
    expect(foldersOf("/")).toEqual(["/"]);
    expect(parseUrl("https://API.Acme.example:8443/x?q")).toEqual({
      scheme: "https",
      host: "api.acme.example",
      port: "8443",
      path: "/x",
    });
    for (const url of [
      "file:///etc",
      "javascript:1",
      "https://a.example\\@b.example/",
      "http://[::1]/",
      "//a.example",
      "https://a .example",
      7,
    ])
      expect(parseUrl(url)).toBeUndefined();
    expect(parseUrl("https://a.example@b.example/")?.host).toBe("b.example");
  });
});
