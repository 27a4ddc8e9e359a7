import { basename, dirname } from "node:path";
import type { Copy } from "./copy.ts";
import type { Coverage } from "./coverage.ts";
import { applied, type Mutant } from "./mutants.ts";

export interface Tried {
  readonly mutant: Mutant;
  readonly verdict: "killed" | "timed out" | "survived" | "uncovered";
  /** The test that failed. */
  readonly by?: string;
  /** How many tests reach it, and were left out because they are slow and patience had ended. */
  readonly unasked?: number;
}

interface Group {
  readonly file: string;
  readonly ids: readonly string[];
  readonly ms: number;
}

/** A test that takes longer is asked after all others. */
const slowMs = 1_000;

/** Tries mutants one after the other in a copy, each with the tests that reach it, the nearest and fastest first. */
export async function tryMutants(
  copy: Copy,
  mutants: readonly Mutant[],
  files: readonly string[],
  coverage: readonly Coverage[],
  {
    patienceMs,
    hangMs,
    tried,
  }: { readonly patienceMs: number; readonly hangMs: number; readonly tried: (one: Tried) => void },
): Promise<void> {
  await control(copy, coverage);
  const texts = new Map(files.map((file) => [file, copy.read(file)]));
  for (const mutant of mutants) {
    const groups = groupsFor(mutant, files, coverage);
    if (groups.length === 0) {
      tried({ mutant, verdict: "uncovered" });
      continue;
    }
    const text = texts.get(mutant.file) ?? "";
    copy.write(mutant.file, applied(text, mutant));
    tried(await tryOne(copy, mutant, groups, { patienceMs, hangMs }));
    copy.write(mutant.file, text);
  }
}

async function tryOne(
  copy: Copy,
  mutant: Mutant,
  groups: readonly Group[],
  { patienceMs, hangMs }: { readonly patienceMs: number; readonly hangMs: number },
): Promise<Tried> {
  const until = performance.now() + patienceMs;
  for (const [at, { file, ids, ms }] of groups.entries()) {
    if (at > 0 && performance.now() + ms > until) {
      const unasked = groups.slice(at).reduce((count, group) => count + group.ids.length, 0);
      return { mutant, verdict: "survived", unasked };
    }
    const answer = await copy.ask([{ file, ids }], hangMs + 5 * ms);
    if (answer === undefined) return { mutant, verdict: "timed out" };
    const failed = answer.tests.find(({ state }) => state === "failed")?.name ?? answer.faults[0];
    if (failed !== undefined) return { mutant, verdict: "killed", by: `${file} ${failed}` };
    // Tests that are made from what the mutant changed may be others by number.
    if (answer.tests.every(({ state }) => state === "skipped")) {
      const all = await copy.ask([{ file }], 3 * hangMs + 5 * ms);
      if (all === undefined) return { mutant, verdict: "timed out" };
      const one = all.tests.find(({ state }) => state === "failed")?.name ?? all.faults[0];
      if (one !== undefined || all.tests.length === 0)
        return { mutant, verdict: "killed", by: `${file} ${one ?? "no test"}` };
    }
  }
  return { mutant, verdict: "survived" };
}

/** Without a mutant each way of asking says that nothing failed; else every mutant would count as killed. */
async function control(copy: Copy, coverage: readonly Coverage[]): Promise<void> {
  const one = coverage.find(({ tests }) => tests.length > 0);
  const [test] = one?.tests ?? [];
  if (one === undefined || test === undefined) throw new Error("there is no test to try mutants with");
  const answer = await copy.ask([{ file: one.file, ids: [test.id] }], 120_000);
  const ran = answer?.tests.filter(({ state }) => state === "passed") ?? [];
  if (answer === undefined || answer.faults.length > 0 || ran.length !== 1 || ran[0]?.id !== test.id)
    throw new Error(
      `${one.file} does not pass alone with no mutant in it: ${answer?.faults[0] ?? JSON.stringify(answer?.tests[0])}`,
    );
}

function groupsFor({ file, point }: Mutant, files: readonly string[], coverage: readonly Coverage[]): readonly Group[] {
  const place = `${files.indexOf(file)}:${point}`;
  const groups = coverage.flatMap(({ file: test, tests, reached, always }) => {
    const isAlways = always.includes(place);
    const reaching = tests.filter(({ id }) => isAlways || reached[id]?.includes(place) === true);
    return [reaching.filter(({ ms }) => ms < slowMs), ...reaching.filter(({ ms }) => ms >= slowMs).map((one) => [one])]
      .filter((some) => some.length > 0)
      .map((some) => ({
        file: test,
        ids: some.map(({ id }) => id),
        ms: some.reduce((sum, { ms }) => sum + ms, 0),
        isSlow: some.some(({ ms }) => ms >= slowMs),
        distance: distance(file, test),
      }));
  });
  return groups.sort(
    (one, other) => Number(one.isSlow) - Number(other.isSlow) || one.distance - other.distance || one.ms - other.ms,
  );
}

/** The tests beside a file know it best. */
function distance(file: string, test: string): number {
  if (dirname(file) !== dirname(test)) return 2;
  return basename(test).startsWith(basename(file, ".ts")) ? 0 : 1;
}
