import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { moves, states } from "@countersign/contract";

const file = join(import.meta.dirname, "..", "ARCHITECTURE.md");

/** The drawing of the state table, as Mermaid. */
export function drawing(): string {
  const lines = states.flatMap((from) => moves[from].map((to) => `    ${from} --> ${to}`));
  const ends = states.filter((state) => moves[state].length === 0).map((state) => `    ${state} --> [*]`);
  return ["```mermaid", "stateDiagram-v2", "    [*] --> received", ...lines, ...ends, "```"].join("\n");
}

/** The page with the drawing put between its marks. */
export function withDrawing(page: string): string {
  return page.replace(/<!-- states -->[\s\S]*<!-- \/states -->/, `<!-- states -->\n${drawing()}\n<!-- /states -->`);
}

if (process.argv[1] === import.meta.filename) writeFileSync(file, withDrawing(readFileSync(file, "utf8")));
