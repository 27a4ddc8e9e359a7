// Compares the evaluator with the WebAssembly engine on generated policies and requests:
//   npm run fuzz:policy -- [--cases N] [--seed N] [--first]
import { parseArgs } from "node:util";
import { compare } from "../test/policy/compare.ts";

const { values } = parseArgs({
  options: {
    cases: { type: "string", default: "50000" },
    seed: { type: "string", default: "1" },
    first: { type: "boolean" },
  },
});
const [cases, seed] = [Number(values.cases), Number(values.seed)];
if (!Number.isSafeInteger(cases) || !Number.isSafeInteger(seed) || cases < 1)
  throw new Error("--cases and --seed take whole numbers");

const isShown = process.stderr.isTTY;
const report = compare(cases, seed, {
  most: values.first === true ? 1 : 3,
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
process.exit(report.differences.length === 0 ? 0 : 1);
