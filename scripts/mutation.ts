// Plants small faults into the code that decides, one at a time, and tells which of them no test notices:
//   npm run mutation -- [--files GLOB]... [--sample N] [--seed S] [--minutes N] [--again FILE] [--json FILE]
//                       [--tests GLOB]... [--database] [--workers N] [--patience SECONDS] [--at-least PERCENT] [--list]
// `--minutes` ends the run early: a sample is tried in random order, so that what was tried is a sample too.
// `--again` tries what a report of `--json` names as not noticed, and tells the score of all that the report holds. `--database` also asks the stories, and every test
// that needs PostgreSQL. `--patience` is how long one mutant is tried: slow tests are asked last. `--list` only lists.
import { globSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join, matchesGlob } from "node:path";
import { parseArgs } from "node:util";
import { apart, readEquivalents } from "../test/mutation/equivalent.ts";
import { type Mutant, mutantsOf, told } from "../test/mutation/mutants.ts";
import { needsDatabase, reachOf } from "../test/mutation/reach.ts";
import { run } from "../test/mutation/run.ts";
import { scopeOf } from "../test/mutation/scope.ts";
import { rateOf, type Score, sampleOf, scoreOf, written } from "../test/mutation/score.ts";
import type { Tried } from "../test/mutation/try-mutants.ts";

const root = join(import.meta.dirname, "..");
const { values } = parseArgs({
  options: {
    files: { type: "string", multiple: true, default: [] },
    sample: { type: "string" },
    seed: { type: "string", default: "1" },
    minutes: { type: "string" },
    again: { type: "string" },
    tests: { type: "string", multiple: true, default: [] },
    json: { type: "string" },
    workers: { type: "string", default: "1" },
    patience: { type: "string", default: "30" },
    "at-least": { type: "string", default: "90" },
    database: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
  },
});

const scope = scopeOf(root);

function whole(name: "sample" | "seed" | "minutes" | "workers" | "patience" | "at-least"): number | undefined {
  const given = values[name];
  const number = Number(given);
  if (given !== undefined && (!Number.isSafeInteger(number) || number < 0))
    throw new Error(`--${name} takes a whole number`);
  return given === undefined ? undefined : number;
}

const wanted =
  values.files.length === 0 ? scope : scope.filter((file) => values.files.some((glob) => matchesGlob(file, glob)));
if (wanted.length === 0) throw new Error(`no file of the rooms that are tried fits ${values.files.join(", ")}`);
const texts = new Map(wanted.map((file) => [file, readFileSync(join(root, file), "utf8")]));
const { real, equivalent, stale } = apart(
  wanted.flatMap((file) => mutantsOf(file, texts.get(file) ?? "")),
  readEquivalents(join(root, "test/mutation/equivalent.yaml")),
);
if (stale.length > 0) {
  for (const { file, line, from } of stale) console.error(`${file}: no mutant changes \`${from}\` in \`${line}\``);
  throw new Error("test/mutation/equivalent.yaml names mutants that are not there any more; take them out");
}

interface Report {
  readonly score: Score;
  readonly of: number;
  readonly equivalent: number;
  readonly mutants: readonly Tried[];
}

const sample = whole("sample");
let kept: readonly Tried[] = [];
let chosen = sample === undefined ? real : sampleOf(real, sample, whole("seed") ?? 1);
if (values.again !== undefined) {
  const before = JSON.parse(readFileSync(values.again, "utf8")) as Report;
  const left = new Set(
    before.mutants
      .filter(({ verdict }) => verdict === "survived" || verdict === "uncovered")
      .map(({ mutant }) => keyOf(mutant)),
  );
  chosen = real.filter((mutant) => left.has(keyOf(mutant)));
  const now = new Set(real.map(keyOf));
  kept = before.mutants.filter(({ mutant }) => now.has(keyOf(mutant)));
}
/** The same for the same change of the same text, wherever its line has gone. */
function keyOf(mutant: Mutant): string {
  return JSON.stringify([mutant.file, mutant.code, mutant.column, mutant.from, mutant.to]);
}
if (values.list) {
  const lines = chosen.map((mutant) => `${mutant.kind.padEnd(10)} ${told(mutant)}`);
  writeSync(1, `${[...lines, `${chosen.length} of ${real.length} mutants`].join("\n")}\n`);
  process.exit(0);
}

const isShown = process.stderr.isTTY;
const touched = new Set(chosen.map(({ file }) => file));
const reaches = new Map(
  globSync(["packages/countersign/src/**/*.test.ts", "test/{policy,stories}/*.test.ts"], { cwd: root })
    .sort()
    .map((test) => [test, reachOf(root, test)]),
);
// A test that needs PostgreSQL is asked where it is the test of a file that is tried, or where all are wanted.
const tests = [...reaches]
  .filter(([test, reach]) => {
    const isWanted = values.tests.length === 0 || values.tests.some((glob) => matchesGlob(test, glob));
    if (!isWanted || !touched.values().some((file) => reach.has(file))) return false;
    const isPure = !needsDatabase(reach) && !test.startsWith("test/stories/");
    return isPure || values.database || touched.has(test.replace(/\.test\.ts$/, ".ts"));
  })
  .map(([test]) => test);
const isDatabaseNeeded = tests.some((test) => needsDatabase(reaches.get(test) ?? new Set()));
const started = performance.now();
let done = 0;
const tried = await run({
  root,
  scope,
  mutants: chosen,
  tests,
  workers: whole("workers") ?? 1,
  bounds: {
    patienceMs: 1_000 * (whole("patience") ?? 30),
    hangMs: 20_000,
    until: started + 60_000 * (whole("minutes") ?? Number.POSITIVE_INFINITY),
  },
  cache: join(root, "node_modules/.cache/mutation"),
  environment: isDatabaseNeeded ? { MUTATION_DATABASE: "1" } : {},
  progress: (line) => (isShown ? process.stderr.write(`\r\x1b[K${line}`) : console.error(line)),
  tried: ({ verdict, mutant }) => {
    done++;
    const line = `${done} of ${chosen.length}: ${verdict} ${told(mutant)}`;
    if (isShown) process.stderr.write(`\r\x1b[K${line.slice(0, 150)}`);
    else if (done % 50 === 0 || verdict === "survived") console.error(line);
  },
});
if (isShown) process.stderr.write("\r\x1b[K");
// What was tried again counts as it is now; the rest as it was.
const again = new Set(tried.map(({ mutant }) => keyOf(mutant)));
const all = [...kept.filter(({ mutant }) => !again.has(keyOf(mutant))), ...tried];
const score = scoreOf(all);
console.log(written(all, equivalent, real.length));
console.log(`${Math.round((performance.now() - started) / 1000)} s, with ${tests.length} files of tests`);
if (values.json !== undefined)
  writeFileSync(
    values.json,
    JSON.stringify(
      { score, of: real.length, equivalent: equivalent.length, mutants: all } satisfies Report,
      undefined,
      1,
    ),
  );
process.exitCode = rateOf(score) >= (whole("at-least") ?? 90) / 100 ? 0 : 1;
