import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Copy } from "./copy.ts";
import { withNotes } from "./points.ts";
import { reachOf } from "./reach.ts";

/** What one file of tests holds, and which places each of its tests reaches: `2:17` is point 17 of the third file. */
export interface Coverage {
  readonly file: string;
  readonly tests: readonly { readonly id: string; readonly name: string; readonly ms: number }[];
  readonly reached: { readonly [test: string]: readonly string[] };
  /** Reached while the file was read, in hooks, threads or processes. */
  readonly always: readonly string[];
}

const mostMs = 600_000;

/** Runs the tests once with every file noting what is reached. What was measured before on the same texts is taken from `cache`. */
export async function coverageOf(
  copy: Copy,
  files: readonly string[],
  tests: readonly string[],
  told: { readonly cache: string | undefined; readonly progress: (line: string) => void },
): Promise<readonly Coverage[]> {
  const texts = files.map((file) => copy.read(file));
  const found = new Map<string, Coverage>();
  const keys = new Map(tests.map((test) => [test, keyOf(copy, files, test)]));
  const kept = (test: string) => join(told.cache ?? "", `${keys.get(test)}.json`);
  for (const test of tests)
    if (told.cache !== undefined && existsSync(kept(test)))
      found.set(test, JSON.parse(readFileSync(kept(test), "utf8")));
  const left = tests.filter((test) => !found.has(test));
  if (left.length > 0) {
    for (const [at, file] of files.entries()) {
      const hit = relative(dirname(file), "test/mutation/hit.ts");
      copy.write(
        file,
        `import { hit as __hit } from "${hit.startsWith(".") ? hit : `./${hit}`}";${withNotes(texts[at] ?? "", (id) => `__hit("${at}:${id}")`)}`,
      );
    }
    for (const [at, test] of left.entries()) {
      told.progress(`what the tests reach: ${at} of ${left.length} files, ${test}`);
      const one = await measured(copy, test);
      found.set(test, one);
      if (told.cache === undefined) continue;
      mkdirSync(told.cache, { recursive: true });
      writeFileSync(kept(test), JSON.stringify(one));
    }
    for (const [at, file] of files.entries()) copy.write(file, texts[at] ?? "");
    await copy.renew();
  }
  return tests.flatMap((test) => found.get(test) ?? []);
}

async function measured(copy: Copy, test: string): Promise<Coverage> {
  rmSync(copy.notes, { recursive: true, force: true });
  mkdirSync(copy.notes);
  const answer = await copy.ask([{ file: test }], mostMs, false);
  if (answer === undefined) throw new Error(`${test} did not end in ${mostMs / 1000} s, with no mutant in it`);
  const [failed] = answer.tests.filter(({ state }) => state === "failed");
  const fault = answer.faults[0] ?? (failed === undefined ? undefined : `${failed.name}: ${failed.fault}`);
  if (fault !== undefined) throw new Error(`${test} fails with no mutant in it: ${fault}`);
  const reached: { [test: string]: string[] } = {};
  for (const name of readdirSync(copy.notes))
    for (const line of readFileSync(join(copy.notes, name), "utf8").split("\n")) {
      const [by = "", place = ""] = line.split("\t");
      const places = reached[by] ?? [];
      if (place !== "") places.push(place);
      reached[by] = places;
    }
  const tests = answer.tests.filter(({ state }) => state === "passed");
  return {
    file: test,
    tests: tests.map(({ id, name, ms }) => ({ id, name, ms: Math.round(ms) })),
    reached: Object.fromEntries(tests.map(({ id }) => [id, reached[id] ?? []])),
    always: [...new Set(reached[join(copy.folder, test)] ?? [])],
  };
}

function keyOf(copy: Copy, files: readonly string[], test: string): string {
  const hash = createHash("sha256");
  const machine = ["points.ts", "syntax.ts", "hit.ts", "set-up.ts"].map((name) => `test/mutation/${name}`);
  for (const file of [...new Set([...reachOf(copy.folder, test), ...machine])].sort())
    hash.update(`${file}\n${copy.read(file)}\n`);
  return hash
    .update(JSON.stringify([files, test]))
    .digest("hex")
    .slice(0, 32);
}
