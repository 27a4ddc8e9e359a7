import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { check } from "./check.ts";
import { limits, type WorkspaceFiles } from "./files.ts";
import { sentence } from "./finding.ts";
import { readJson } from "./json.ts";
import { read } from "./read.ts";
import { readYaml } from "./yaml.ts";

const { files: golden } = await read(new URL("golden", import.meta.url).pathname);
const paths = Object.keys(golden);
const most = 65_536;

/** Every problem has a place inside its file, and one line of text. */
function sound(files: WorkspaceFiles): void {
  const { workspace, problems } = check(files);
  expect(workspace === undefined).toBe(problems.some((problem) => problem.severity === "error"));
  for (const problem of problems) {
    const lines = (files[problem.file] ?? "").split("\n");
    expect(problem.line).toBeGreaterThanOrEqual(1);
    expect(problem.line).toBeLessThanOrEqual(Math.max(1, lines.length));
    expect(problem.column).toBeGreaterThanOrEqual(1);
    expect(problem.column).toBeLessThanOrEqual((lines[problem.line - 1] ?? "").length + 1);
    expect(sentence(problem)).not.toMatch(/[\r\n]/);
  }
}

const tokens = [
  "a",
  "dri",
  "allow",
  ":",
  ": ",
  "- ",
  "? ",
  "\n",
  "\n  ",
  "[",
  "]",
  "{",
  "}",
  ",",
  "&a ",
  "*a",
  "!t ",
  "!!str ",
  "'",
  '"',
  "\\",
  "|",
  ">",
  "#",
  "%",
  "@",
  "\t",
  "---\n",
  "...\n",
  "<<",
  "__proto__",
  "null",
  "~",
  "1",
  ".inf",
  "0x1",
  "\ufeff",
  "\ud800",
  "\u0000",
  "\r",
  "secret://x",
  "constructor",
];
const noise = fc.oneof(
  fc.string({ maxLength: 200, unit: "binary" }),
  fc.array(fc.constantFrom(...tokens), { maxLength: 200 }).map((parts) => parts.join("")),
);

describe("check", () => {
  it("never throws on any text", () => {
    fc.assert(
      fc.property(fc.constantFrom(...paths), noise, (path, text) => sound({ ...golden, [path]: text })),
      { numRuns: 1500 },
    );
  });

  it("never throws on the golden files with a piece put in, taken out or doubled", () => {
    const edit = fc.tuple(fc.constantFrom(...paths), fc.nat(), fc.nat({ max: 40 }), noise);
    fc.assert(
      fc.property(edit, ([path, at, length, text]) => {
        const whole = golden[path] ?? "";
        const from = at % (whole.length + 1);
        sound({ ...golden, [path]: whole.slice(0, from) + text + whole.slice(from + length) });
        sound({ ...golden, [path]: whole.slice(0, from) + whole });
      }),
      { numRuns: 500 },
    );
  });

  it("never throws on the golden values changed anywhere", () => {
    const values = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom("constructor", "toString", "*", -1, 1e308, [], {}),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...paths.filter((path) => path.endsWith(".yaml"))),
        fc.nat(),
        values,
        (path, which, value) => {
          const lines = (golden[path] ?? "").split("\n");
          const at = which % lines.length;
          const line = (lines[at] ?? "").replace(/: .*$/, () => `: ${JSON.stringify(value)}`);
          sound({ ...golden, [path]: lines.with(at, line).join("\n") });
        },
      ),
      { numRuns: 1000 },
    );
  });
});

const bombs: readonly (readonly [string, (size: number) => string])[] = [
  ["lists in lists", (size) => "[".repeat(size)],
  ["maps in maps", (size) => "{a: ".repeat(size / 4)],
  ["items in items", (size) => "- ".repeat(size / 2)],
  ["keys in keys", (size) => "? ".repeat(size / 2)],
  ["closing brackets", (size) => "]".repeat(size)],
  ["pairs of brackets", (size) => "[]".repeat(size / 2)],
  [
    "a billion laughs",
    () => Array.from({ length: 20 }, (_, index) => `a${index}: &a${index} [${`*a${index - 1},`.repeat(9)}]`).join("\n"),
  ],
  ["aliases of nothing", (size) => "- *a\n".repeat(size / 5)],
  ["anchors", (size) => "&a ".repeat(size / 3)],
  ["tags", (size) => "!a ".repeat(size / 3)],
  ["directives", (size) => "%a\n".repeat(size / 3)],
  ["documents", (size) => "---\n".repeat(size / 4)],
  ["many keys", (size) => Array.from({ length: size / 9 }, (_, index) => `k${index}: 1`).join("\n")],
  ["one key many times", (size) => "k: 1\n".repeat(size / 5)],
  ["colons", (size) => ": ".repeat(size / 2)],
  ["keys on one line", (size) => "a: ".repeat(size / 3)],
  ["quotes", (size) => "'".repeat(size)],
  ["escapes", (size) => `"${"\\".repeat(size)}`],
  ["tabs", (size) => "\t".repeat(size)],
  ["empty lines", (size) => "\n".repeat(size)],
  ["comments", (size) => "#\n".repeat(size / 2)],
  ["starts of tokens", (size) => "eyJ-".repeat(size / 4)],
  ["starts of addresses", (size) => "://a:".repeat(size / 5)],
  ["references", (size) => "secret://".repeat(size / 9)],
  [
    "names that are not known",
    (size) =>
      `allow: [${Array.from({ length: size / 30 }, (_, index) => `helpdesk.search_tickets${index}`).join(",")}]`,
  ],
];

describe("a bomb", () => {
  it.each(bombs)(
    "of %s ends soon with an error",
    (_name, bomb) => {
      for (const path of ["workflows/replies.yaml", "policies/freeze.cedar"]) {
        const text = bomb(most).slice(0, most);
        const began = performance.now();
        const { problems } = check({ ...golden, [path]: text });
        // At most a second where nothing else runs; a bomb that goes off takes minutes, or all memory.
        expect(performance.now() - began).toBeLessThan(60_000);
        if (!path.endsWith(".cedar")) expect(problems.some((problem) => problem.severity === "error")).toBe(true);
      }
    },
    180_000,
  );

  it("of the largest size allowed ends too", () => {
    const text = Array.from({ length: 110_000 }, (_, index) => `k${index}: 1`)
      .join("\n")
      .slice(0, limits.fileBytes);
    const began = performance.now();
    expect(readYaml("a.yaml", text).problems.length).toBeGreaterThan(0);
    expect(performance.now() - began).toBeLessThan(20_000);
  });
});

describe("readJson", () => {
  it("says where, as for YAML", () => {
    const problems = (text: string): string => readJson("a.json", text).problems.map(sentence).join("\n");
    expect(problems('{\n  "a": 1,\n  "a": 2\n}')).toBe(
      "a.json:3:3: error: the same name appears twice in one object; expected JSON",
    );
    expect(problems('{"a": 1,}')).toMatch(/^a\.json:1:9: error: /);
    const { source } = readJson("a.json", '{\n  "a": [1,\n    {"b": 2}]\n}');
    expect(source?.place(["a", 1, "b"])).toEqual({ line: 3, column: 11 });
    expect(source?.place(["a", 1, "b"], "key")).toEqual({ line: 3, column: 6 });
    expect(source?.place(["a", 1, "c"])).toEqual({ line: 3, column: 5 });
  });

  it("never throws", () => {
    fc.assert(
      fc.property(fc.oneof(noise, fc.json()), (text) => void readJson("a.json", text)),
      { numRuns: 1000 },
    );
  });
});
