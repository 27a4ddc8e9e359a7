import { basename, dirname } from "node:path";
import type { Answer, Copy } from "./copy.ts";
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
  readonly tests: readonly { readonly file: string; readonly ids: readonly string[] }[];
  readonly ms: number;
}

export interface Bounds {
  /** How long one mutant is tried. */
  readonly patienceMs: number;
  /** How much longer than usual its tests may take before they hang. */
  readonly hangMs: number;
  /** When no other mutant is begun, as `performance.now()` counts. */
  readonly until: number;
}

/** A test that takes longer is asked after all others. */
const slowMs = 1_000;
/** About how long one request for fast tests may take: more of them are asked only where these notice nothing. */
const requestMs = 2_000;

/** Tries mutants one after the other in a copy, each with the tests that reach it, the nearest and fastest first. */
export async function tryMutants(
  copy: Copy,
  mutants: readonly Mutant[],
  files: readonly string[],
  coverage: readonly Coverage[],
  bounds: Bounds & { readonly tried: (one: Tried) => void },
): Promise<void> {
  await control(copy, coverage);
  const texts = new Map(files.map((file) => [file, copy.read(file)]));
  for (const mutant of mutants) {
    if (performance.now() > bounds.until) return;
    const groups = groupsFor(mutant, files, coverage);
    if (groups.length === 0) {
      bounds.tried({ mutant, verdict: "uncovered" });
      continue;
    }
    const text = texts.get(mutant.file) ?? "";
    copy.write(mutant.file, applied(text, mutant));
    bounds.tried(await tryOne(copy, mutant, groups, bounds));
    copy.write(mutant.file, text);
  }
}

async function tryOne(
  copy: Copy,
  mutant: Mutant,
  groups: readonly Group[],
  { patienceMs, hangMs }: Bounds,
): Promise<Tried> {
  const until = performance.now() + patienceMs;
  for (const [at, { tests, ms }] of groups.entries()) {
    if (at > 0 && performance.now() + ms > until) {
      const unasked = groups.slice(at).flatMap((group) => group.tests.flatMap(({ ids }) => ids)).length;
      return { mutant, verdict: "survived", unasked };
    }
    const answer = await copy.ask(tests, hangMs + 5 * ms);
    if (answer === undefined) return { mutant, verdict: "timed out" };
    // Tests that are made from what the mutant changed may be others by number: then all of their file are asked.
    const silent = tests.filter(({ file }) =>
      answer.tests.every((one) => !one.file.endsWith(file) || one.state === "skipped"),
    );
    const again = noticed(answer) === undefined && silent.length > 0 ? silent.map(({ file }) => ({ file })) : undefined;
    const second = again === undefined ? answer : await copy.ask(again, 3 * hangMs + 5 * ms);
    if (second === undefined) return { mutant, verdict: "timed out" };
    const by = noticed(second);
    if (by !== undefined) return { mutant, verdict: "killed", by };
  }
  return { mutant, verdict: "survived" };
}

function noticed({ tests, faults }: Answer): string | undefined {
  const failed = tests.find(({ state }) => state === "failed");
  return failed === undefined ? faults[0] : `${failed.file} ${failed.name}`;
}

/** Without a mutant each way of asking says that nothing failed; else every mutant would count as killed. */
async function control(copy: Copy, coverage: readonly Coverage[]): Promise<void> {
  const fast = coverage
    .map(({ file, tests }) => ({ file, ids: tests.filter(({ ms }) => ms < slowMs).map(({ id }) => id) }))
    .filter(({ ids }) => ids.length > 0);
  const count = fast.flatMap(({ ids }) => ids).length;
  const answer = await copy.ask(fast, 1_200_000, false);
  const passed = answer?.tests.filter(({ state }) => state === "passed").length;
  if (answer === undefined || noticed(answer) !== undefined || passed !== count || count === 0)
    throw new Error(
      `${passed} of ${count} tests pass together with no mutant in them: ${answer === undefined ? "they hang" : noticed(answer)}`,
    );
}

/** Those beside the file first, then all others that are fast, the fastest files first, then each slow one. */
function groupsFor({ file, point }: Mutant, files: readonly string[], coverage: readonly Coverage[]): readonly Group[] {
  const place = `${files.indexOf(file)}:${point}`;
  const reaching = coverage.flatMap(({ file: test, tests, reached, always }) => {
    const isAlways = always.includes(place);
    const those = tests.filter(({ id }) => isAlways || reached[id]?.includes(place) === true);
    return those.length === 0 ? [] : [{ test, those }];
  });
  const group = (some: typeof reaching): Group => ({
    tests: some.map(({ test, those }) => ({ file: test, ids: those.map(({ id }) => id) })),
    ms: some.flatMap(({ those }) => those).reduce((sum, { ms }) => sum + ms, 0),
  });
  const isNear = ({ test }: { readonly test: string }) =>
    dirname(test) === dirname(file) && basename(test).startsWith(basename(file, ".ts"));
  const near = reaching.filter(isNear);
  const others = reaching.filter((one) => !isNear(one));
  const far = others
    .map(({ test, those }) => ({ test, those: those.filter(({ ms }) => ms < slowMs) }))
    .filter(({ those }) => those.length > 0);
  const slow = others
    .flatMap(({ test, those }) => those.filter(({ ms }) => ms >= slowMs).map((one) => ({ test, those: [one] })))
    .map((one) => group([one]))
    .sort((one, other) => one.ms - other.ms);
  const requests: (typeof reaching)[] = near.length === 0 ? [] : [near];
  let room = 0;
  for (const one of far.toSorted((a, b) => group([a]).ms - group([b]).ms)) {
    const { ms } = group([one]);
    if (ms > room) {
      requests.push([]);
      room = requestMs;
    }
    requests.at(-1)?.push(one);
    room -= ms;
  }
  return [...requests.map(group), ...slow];
}
