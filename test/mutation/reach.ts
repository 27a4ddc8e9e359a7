import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const named = /["'](\.{1,2}\/[^"'\n]+\.(?:ts|mjs|json))["']/g;

/** A file and all files of the project that it names, and those that they name: what could change what it does. */
export function reachOf(root: string, file: string): ReadonlySet<string> {
  const found = new Set<string>();
  const waiting = [file];
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    if (found.has(one) || !existsSync(join(root, one))) continue;
    found.add(one);
    for (const [, to = ""] of readFileSync(join(root, one), "utf8").matchAll(named))
      waiting.push(relative(root, join(root, dirname(one), to)));
  }
  return found;
}

/** Whether tests of the file need PostgreSQL: it reaches what asks for the database of the test run. */
export function needsDatabase(reach: ReadonlySet<string>): boolean {
  return reach.has("test/support/database.ts") || reach.has("test/support/server.ts");
}
