// Breaks the product in every way that can be tried on one machine, and plants bugs that the same run must catch:
//   npm run faults -- [--small] [--points N] [--kills N] [--json FILE]
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { runFaults } from "../test/faults/run.ts";

const { values } = parseArgs({
  options: {
    points: { type: "string" },
    kills: { type: "string" },
    json: { type: "string" },
    small: { type: "boolean", default: false },
  },
});

function count(name: "points" | "kills", otherwise: number): number {
  const given = values[name];
  const number = given === undefined ? otherwise : Number(given);
  if (!Number.isInteger(number) || number < 0 || number > 1_000_000) throw new Error(`--${name} takes a number`);
  return number;
}

const report = await runFaults({
  points: count("points", values.small ? 56 : 2000),
  kills: count("kills", values.small ? 20 : 300),
  say: (line) => process.stdout.write(`${line}\n`),
});
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);

const { violations, bugs, unknown, resolved } = report;
const lines = [
  `${report.actions} actions, ${report.effects} effects in ${report.seconds} s`,
  `duplicates ${violations.duplicates}, effects without intent ${violations.withoutIntent}, lost records ${violations.lost}, wrong chains ${violations.chain}, untrue states ${violations.untrue}`,
  `unknowns settled without a person: ${resolved}/${unknown}; slowest recovery after a crash of postgres: ${report.slowestRecoveryMs} ms`,
  typeof report.disk === "string"
    ? `disk full: not tried, ${report.disk}`
    : `disk full: ${report.disk.refused} calls refused, again after ${report.disk.recoveredMs} ms`,
  `planted bugs caught: ${bugs.caught}/${bugs.planted}`,
  report.holds ? "holds" : "DOES NOT HOLD",
];
process.stdout.write(`${lines.join("\n")}\n`);
for (const example of report.examples) process.stdout.write(`  ${example}\n`);
process.exit(report.holds ? 0 : 1);
