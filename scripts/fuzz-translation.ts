// Compares the translation of policies to SMT-LIB with the evaluator, on generated policies and requests:
//   npm run fuzz:translation -- [--cases N] [--seed N] [--first] [--bugs]
// `--bugs` then plants bugs in the translation, one at a time, and fails where the comparison does not find one.
import { parseArgs } from "node:util";
import { casesToFind } from "../test/policy/cases-to-find.ts";
import { compareTranslation } from "../test/policy/translation.ts";
import { translationBugs } from "../test/policy/translation-bugs.ts";

const { values } = parseArgs({
  options: {
    cases: { type: "string", default: "2000" },
    seed: { type: "string", default: "1" },
    first: { type: "boolean", default: false },
    bugs: { type: "boolean", default: false },
  },
});
const [cases, seed] = [Number(values.cases), Number(values.seed)];
if (!Number.isSafeInteger(cases) || !Number.isSafeInteger(seed) || cases < 1)
  throw new Error("--cases and --seed take whole numbers");

const report = await compareTranslation(cases, seed, { most: values.first ? 1 : 3 });
for (const difference of report.differences) console.log(difference);
console.log(
  `${report.cases} cases: ${report.exact} exact, ${report.holding} hold, ${report.faults} faults, ${report.unanswered} unanswered, ${report.differences.length} differences`,
);
let holds = report.differences.length === 0;
if (values.bugs) {
  for (const { name } of translationBugs) {
    const after = await casesToFind(name);
    console.log(after === undefined ? `  not found: ${name}` : `  ${String(after).padStart(6)} cases  ${name}`);
    holds &&= after !== undefined;
  }
}
process.exitCode = holds ? 0 : 1;
