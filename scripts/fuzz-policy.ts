// Compares the evaluator with the WebAssembly engine on generated policies and requests:
//   npm run fuzz:policy -- [--cases N] [--seed N] [--first] [--bugs]
// `--bugs` then plants bugs in the evaluator, one at a time, and fails where the comparison does not find one.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { evaluatorBugs } from "../test/policy/bugs.ts";
import { compare } from "../test/policy/compare.ts";

const { values } = parseArgs({
  options: {
    cases: { type: "string", default: "50000" },
    seed: { type: "string", default: "1" },
    first: { type: "boolean", default: false },
    bugs: { type: "boolean", default: false },
  },
});
const [cases, seed] = [Number(values.cases), Number(values.seed)];
if (!Number.isSafeInteger(cases) || !Number.isSafeInteger(seed) || cases < 1)
  throw new Error("--cases and --seed take whole numbers");

const isShown = process.stderr.isTTY;
const report = compare(cases, seed, {
  most: values.first ? 1 : 3,
  progress: (done) => {
    if (isShown && done % 500 === 0) process.stderr.write(`\r${done} of ${cases} `);
  },
});
if (isShown) process.stderr.write("\r");
for (const { seed: at, ours, theirs, policies, request } of report.differences) {
  console.log(`seed ${at}\n  here:  ${ours}\n  there: ${theirs}\n  ${JSON.stringify({ policies, request })}`);
}
console.log(
  `${report.cases} cases: ${report.allows} allowed, ${report.withErrors} with errors, ${report.reached.size} operators and scopes reached, ${report.differences.length} differences`,
);
let holds = report.differences.length === 0;

if (values.bugs) {
  const [found, missed]: [{ readonly name: string; readonly after: number }[], string[]] = [[], []];
  const queue = evaluatorBugs.map(({ name }) => name);
  const work = async (): Promise<void> => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      const after = await casesToFind(name);
      if (after === undefined) missed.push(name);
      else found.push({ name, after });
    }
  };
  await Promise.all([work(), work()]);
  console.log(`planted bugs found: ${found.length}/${evaluatorBugs.length}`);
  for (const { name, after } of found.sort((one, other) => other.after - one.after))
    console.log(`  ${String(after).padStart(6)} cases  ${name}`);
  for (const name of missed) console.log(`  not found: ${name}`);
  holds = holds && missed.length === 0;
}
process.exitCode = holds ? 0 : 1;

/** How many cases the comparison needs until the first difference with one bug planted; undefined when it finds none. */
function casesToFind(bug: string): Promise<number | undefined> {
  const plant = fileURLToPath(new URL("../test/faults/plant.ts", import.meta.url));
  const self = fileURLToPath(import.meta.url);
  const child = spawn(process.execPath, ["--import", plant, self, "--cases", "50000", "--first"], {
    env: { ...process.env, FAULTS_BUG: bug },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let told = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    told += text;
  });
  return new Promise((resolve) =>
    child.on("close", (code) => {
      const [, after] = /^(\d+) cases: .* [1-9]\d* differences$/mu.exec(told) ?? [];
      resolve(code === 1 && after !== undefined ? Number(after) : undefined);
    }),
  );
}
