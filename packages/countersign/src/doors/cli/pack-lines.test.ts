import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { packLines } from "./pack-lines.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lines-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

it("a line that is too long comes as too long, and the one after it comes whole", async () => {
  const file = join(folder, "pack");
  // Longer than a file is read in at once.
  writeFileSync(file, `first\n${"x".repeat(500_000)}\nthe last\u2028one\n`);
  await using opened = await open(file);
  const lines: Uint8Array[] = [];
  for await (const line of packLines(opened, 70_000)) lines.push(line);
  expect(lines.map((line, at) => (at === 1 ? line.length > 70_000 : Buffer.from(line).toString()))).toEqual([
    "first",
    true,
    "the last\u2028one",
  ]);
  expect(lines[1]?.length).toBeLessThan(300_000);
});
