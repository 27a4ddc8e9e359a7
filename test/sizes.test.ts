import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");

/** Files that may be longer than 300 lines, each with its reason. */
const longer = new Map<string, string>([
  ["packages/countersign/src/identity/sql.ts", "all statements of one room stand in one file"],
  ["packages/countersign/src/policy/prove/translate.ts", "all operators of one language stand in one table"],
  ["packages/countersign/src/governance/sql.ts", "all statements of one room stand in one file"],
]);

function sizes(): readonly { readonly file: string; readonly lines: number }[] {
  const files = globSync(["packages/*/src/**/*.{ts,tsx}"], { cwd: root }).filter(
    (file) => !/\.(test|fixture)\.ts$|-fixture\.ts$|generated/.test(file),
  );
  return files.map((file) => ({ file, lines: readFileSync(join(root, file), "utf8").split("\n").length }));
}

function tooLong(files: readonly { readonly file: string; readonly lines: number }[]): readonly string[] {
  return files
    .filter(({ file, lines }) => lines > 300 && !longer.has(file))
    .map(({ file, lines }) => `${file}: ${lines}`);
}

describe("files", () => {
  it("stay small: the median under 100 lines, and none over 300 without a reason", () => {
    const all = sizes();
    const sorted = all.map(({ lines }) => lines).sort((a, b) => a - b);
    expect(sorted.length).toBeGreaterThan(100);
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(100);
    expect(tooLong(all)).toEqual([]);
  });

  it("are of both kinds", () => {
    const kinds = new Set(sizes().map(({ file }) => file.slice(file.lastIndexOf("."))));
    expect([...kinds].sort()).toEqual([".ts", ".tsx"]);
  });

  it("are seen to be too long where they are", () => {
    expect(tooLong([{ file: "packages/x/src/a.ts", lines: 301 }])).toHaveLength(1);
  });
});
