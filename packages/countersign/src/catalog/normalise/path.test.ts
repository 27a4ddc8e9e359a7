import { posix } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { read } from "./clean.fixture.ts";

describe("a path", () => {
  it("is within every folder above it, whatever detour it takes", () => {
    expect(read("path", "/ws/a/../Prod/x.tar.GZ")).toEqual({
      paths: ["/ws/Prod/x.tar.GZ"],
      within: ["/", "/ws", "/ws/Prod", "/ws/Prod/x.tar.GZ"],
      touches: ["/", "/ws", "/ws/Prod", "/ws/Prod/x.tar.GZ", "/ws/prod", "/ws/prod/x.tar.gz"],
      segments: ["Prod", "prod", "ws", "x.tar.GZ", "x.tar.gz"],
      names: ["x.tar.GZ"],
      extensions: ["gz"],
      climbs: true,
      count: 1,
    });
  });

  it("in a list is within what holds them all, and touches what holds any", () => {
    expect(read("path", ["/ws/a/x", "/ws/b/y"])).toMatchObject({
      within: ["/", "/ws"],
      touches: ["/", "/ws", "/ws/a", "/ws/a/x", "/ws/b", "/ws/b/y"],
      count: 2,
    });
  });

  it("of a repository begins at its root and does not climb", () => {
    const want = { as: "path", base: "/" } as const;
    expect(read(want, ".github/workflows/ci.yml")).toMatchObject({ paths: ["/.github/workflows/ci.yml"] });
    expect(read(want, "a/../../.github/workflows/ci.yml")).toBeTypeOf("string");
    expect(read(want, "a/../b")).toBeTypeOf("string");
  });

  it.each([
    ["no base", "a/b"],
    ["NUL", "/ws/a\u0000.txt"],
    ["a backslash", "/ws/..\\..\\etc"],
    ["a drive", "C:/windows"],
    ["a scheme", "file:///etc/passwd"],
    ["a home", "~/.ssh/id"],
    ["a quote", '"/ws/a"'],
    ["a blank before", " /ws/a"],
    ["a dot at the end of a name", "/ws/.git./config"],
    ["a decomposed letter", "/ws/e\u0301"],
    ["a zero-width character", "/ws/.g\u200bit/config"],
    ["an override", "/ws/\u202etxt.sh"],
    ["a line feed", "/ws/a\nb"],
    ["5,000 characters", `/${"a".repeat(5_000)}`],
  ])("with %s is no clean one", (_, text) => {
    expect(read("path", text)).toBeTypeOf("string");
  });

  it("is the file that a program opens, wherever it is clean", () => {
    const part = fc.constantFrom(..."/|//|.|..|a|.git|b c|%2e%2e|...|\\|é|~".split("|"));
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 10 }), (parts) => {
        const text = parts.join("");
        const found = read("path", text, "/ws/base");
        if (typeof found === "string") return;
        const opened = posix.resolve("/ws/base", text);
        expect(found.paths).toEqual([opened]);
        expect(found.within).toContain(posix.dirname(opened));
      }),
      { numRuns: 5_000 },
    );
  });
});
