import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative, sep } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..", "packages");

/** Rooms, and what each may import besides itself, floor and the contract. `db` stands for its types and its failures. */
const ground = ["identity", "catalog", "ledger"];
const rooms = [
  "workspace",
  "workflows",
  "tiers",
  "policy",
  "checks",
  "approvals",
  "secrets",
  "connections",
  "execution",
  "stop",
  "costs",
  "lookup",
  "erasure",
  "backup",
  "vetoes",
  "decision-log",
  "flow",
  "notify",
];
const composing = ["action", "governance"];
const top = ["main.ts", "serve.ts", "assemble.ts", "index.ts"];

function allowed(from: string, to: string, file: string): boolean {
  if (from === to || to === "floor") return true;
  if (from === "floor") return false;
  if (from === "db") return false;
  if (ground.includes(from)) return to === "db";
  if (rooms.includes(from)) return to === "db" || ground.includes(to);
  if (composing.includes(from))
    return to !== "doors" && !top.includes(to) && (from === "governance" || to !== "governance");
  if (from === "doors")
    return (
      to === "config.ts" ||
      composing.includes(to) ||
      (rooms.includes(to) || ground.includes(to) ? !/(?:^|[/-])sql\.ts$/.test(file) : false)
    );
  return true;
}

/** Exceptions by name, each with its reason. */
const exceptions = new Map<string, string>([
  ["config.ts -> workspace/nearest.ts", "a misspelled setting is answered with the nearest name, as in files"],
  ["workspace/check.ts -> workflows/index.ts", "the workspace is made of workflow files"],
]);

interface Breach {
  readonly file: string;
  readonly to: string;
}

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s[^"']*?from\s+["']([^"']+)["']|import\(\s*["']([^"']+)["']\s*\)|(?:^|\n)\s*import\s+["']([^"']+)["']/g;

/** Every import between rooms that the table of design does not allow. */
function breaches(files: ReadonlyMap<string, string>): readonly Breach[] {
  const found: Breach[] = [];
  for (const [file, text] of files) {
    for (const match of text.matchAll(importPattern)) {
      const target = match[1] ?? match[2] ?? match[3] ?? "";
      if (!target.startsWith(".")) continue;
      const to = normalize(join(dirname(file), target))
        .split(sep)
        .join("/");
      if (!allowed(roomOf(file), roomOf(to), to) && !excepted(file, to)) found.push({ file, to });
    }
  }
  return found;
}

function excepted(file: string, to: string): boolean {
  if (exceptions.has(`${file} -> ${to}`)) return true;
  // A workflow is a noun of the workspace's files: the whole room reads it.
  return roomOf(file) === "workspace" && roomOf(to) === "workflows";
}

function roomOf(file: string): string {
  return file.split("/")[0] ?? "";
}

function sources(): ReadonlyMap<string, string> {
  const base = join(root, "countersign", "src");
  const files = globSync("**/*.ts", { cwd: base }).filter((file) => !/(\.test|[.-]fixture)\.ts$/.test(file));
  return new Map(files.map((file) => [file.split(sep).join("/"), readFileSync(join(base, file), "utf8")]));
}

/** Statements that lock a name instead of a row. Those that decision 1 names end with their transaction. */
function nameLocks(files: ReadonlyMap<string, string>, spared: readonly string[]): readonly string[] {
  return [...files].flatMap(([file, text]) =>
    [...text.matchAll(/\bpg_(?:try_)?advisory_\w+/g)]
      .map(([lock]) => `${file}: ${lock}`)
      .filter((found) => !spared.some((one) => found === `${one}: pg_advisory_xact_lock`)),
  );
}

describe("the rooms", () => {
  it("import only what lies below them", () => {
    const files = sources();
    expect(files.size).toBeGreaterThan(100);
    expect(breaches(files).map(({ file, to }) => `${file} -> ${to}`)).toEqual([]);
  });

  it("are seen to break the rule where they do", () => {
    const seeded = new Map([
      ["policy/decide.ts", 'import { tally } from "../approvals/quorum.ts";'],
      ["stop/stop.ts", 'export { submit } from "../action/index.ts";'],
      [
        "doors/http/actions.ts",
        'import { openDb } from "../../db/pool.ts";\nimport { rows } from "../../ledger/sql.ts";',
      ],
      ["floor/id.ts", 'const late = import("../db/pool.ts");'],
      ["doors/http/keys.ts", 'import { canaries } from "../../secrets/canary-sql.ts";'],
      ["costs/budget.ts", 'import "../stop/stop.ts";'],
    ]);
    expect(breaches(seeded)).toHaveLength(7);
  });

  it("take the environment from one place only", () => {
    const readers = [...sources()]
      .filter(([file, text]) => file !== "config.ts" && /process\.env\b/.test(text))
      .map(([file]) => file);
    expect(readers).toEqual([]);
  });

  it("lock rows, and names only where decision 1 says why", () => {
    const decision = readFileSync(join(root, "..", "decisions", "0001-postgres-only.md"), "utf8");
    const paragraph = decision.split("\n").find((one) => one.includes("`pg_advisory_xact_lock`")) ?? "";
    const spared = [...paragraph.matchAll(/`([a-z/-]+\.ts)`/g)].map((match) => match[1] ?? "");
    const files = sources();
    expect(nameLocks(files, spared)).toEqual([]);
    expect(spared.filter((file) => !/pg_advisory_xact_lock/.test(files.get(file) ?? ""))).toEqual([]);
    const seeded = new Map([
      ["costs/sql.ts", "select pg_advisory_lock(1)"],
      ["stop/sql.ts", "select pg_try_advisory_xact_lock(1), pg_advisory_xact_lock(2)"],
    ]);
    expect(nameLocks(seeded, spared)).toHaveLength(3);
  });

  it("let the contract stand alone in a browser", () => {
    const base = join(root, "contract", "src");
    for (const file of globSync("**/*.ts", { cwd: base }).filter(
      (name) => !name.endsWith(".test.ts") && !name.includes("fixture"),
    )) {
      for (const match of readFileSync(join(base, file), "utf8").matchAll(importPattern)) {
        const target = match[1] ?? match[2] ?? "";
        const inside = target.startsWith(".") && !relative(base, join(base, dirname(file), target)).startsWith("..");
        expect(inside || target === "zod", `${file} imports ${target}`).toBe(true);
      }
    }
  });
});
