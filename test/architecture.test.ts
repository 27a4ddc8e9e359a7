import { readFileSync } from "node:fs";
import { join } from "node:path";
import { moves, states } from "@countersign/contract";
import { describe, expect, it } from "vitest";
import { withDrawing } from "../scripts/write-architecture.ts";

const root = join(import.meta.dirname, "..");
const read = (name: string): string => readFileSync(join(root, name), "utf8");

describe("what is derived from the state table", () => {
  it("is drawn in ARCHITECTURE.md as it is", () => {
    const page = read("ARCHITECTURE.md");
    expect(page).toContain("stateDiagram-v2");
    expect(withDrawing(page)).toBe(page);
  });

  it("is the same in the database's own check", () => {
    const sql = read("packages/countersign/migrations/0001-ledger.sql");
    const inDatabase = [...sql.matchAll(/'([a-z]+)>([a-z]+)'/g)].map((match) => `${match[1]}>${match[2]}`).sort();
    const inTable = states.flatMap((from) => moves[from].map((to) => `${from}>${to}`)).sort();
    expect(inDatabase).toEqual(inTable);
  });
});
