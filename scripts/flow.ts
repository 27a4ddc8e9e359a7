// Replays recorded honest and hijacked sessions through the code that decides, and says what information-flow control
// stops and what it costs:
//   npm run flow -- [--json FILE] [--bugs] [--unseal]
// The held-out sessions are counted apart, and those of its sealed half are named with `--unseal` only.
// `--bugs` then plants bugs, one at a time, and fails where no figure gets worse than its target.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { flowBugs } from "../test/flow/bugs.ts";
import { type Figures, measureFlow, missedTargets } from "../test/flow/figures.ts";
import type { SessionReport } from "../test/flow/replay.ts";
import { withBug, worseThan } from "../test/flow/worse.ts";

const { values } = parseArgs({
  options: {
    json: { type: "string" },
    bugs: { type: "boolean", default: false },
    unseal: { type: "boolean", default: false },
  },
});

const report = await measureFlow({ variants: true, rounds: 9 });
const missed = missedTargets(report);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ ...report, missed }, null, 1)}\n`);

const head = ["", "hijacked", "by a person", "denied", "contained", "leaked", "honest", "gates", "per task", "denials"];
const row = (name: string, f: Figures) =>
  [
    name,
    f.hijacked,
    f.gated,
    f.denied,
    f.contained,
    f.leaked,
    f.honest,
    f.gates,
    f.gatesPerTask.toFixed(2),
    f.honestDenials,
  ].map(String);
const rows = [
  head,
  ...Object.entries(report.byWorkflow).map(([name, figures]) => row(name, figures)),
  row("all", report.figures),
  ...report.variants.map(({ name, figures }) => row(name, figures)),
];
table(rows);

function table(rows: readonly (readonly string[])[]): void {
  const widths = head.map((_, at) => Math.max(...rows.map((cells) => cells[at]?.length ?? 0)));
  for (const cells of rows)
    console.log(
      cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join("  "),
    );
}

const list = (title: string, sessions: readonly SessionReport[], say: (one: SessionReport) => string) => {
  if (sessions.length === 0) return;
  console.log(`\n${title}`);
  for (const one of sessions) console.log(`  ${one.session.workflow}: ${one.session.name} (${say(one)})`);
};
const why = ({ steps }: SessionReport) =>
  steps
    .filter(
      ({ isAttack, end, isContained, flow }) =>
        isAttack && end === "allowed" && !isContained && flow?.effect !== "read",
    )
    .map(
      ({ call, flow }) =>
        `${call} ${flow?.effect}, ${Object.entries(flow?.destinations ?? {})
          .map(([at, origin]) => `${at} from ${origin}`)
          .join(", ")}`,
    )
    .join("; ");
const asked = ({ steps }: SessionReport) =>
  steps
    .filter(({ end }) => end !== "allowed")
    .map(({ call, end, policies }) => `${call} ${end} by ${policies.join(", ")}`)
    .join("; ");
const of = (kind: string) => report.sessions.filter(({ session }) => session.kind === kind);
list(
  "Leaked:",
  of("hijacked").filter(({ end }) => end === "leaked"),
  why,
);
list("With a wrong label, counted apart:", of("mislabelled"), (one) =>
  one.end === "leaked" ? `leaked: ${why(one)}` : one.end,
);
list(
  "Honest tasks that cost a person:",
  of("honest").filter(({ gates, denials }) => gates + denials > 0),
  asked,
);

const { p50Ms, p99Ms, tasksWithoutGate, honest } = report.figures;
console.log(`\n${tasksWithoutGate} of ${honest} honest tasks need nobody`);
console.log(`flow facts: ${p50Ms.toFixed(3)} ms at the median, ${p99Ms.toFixed(3)} ms at the 99th percentile`);
for (const { sentence } of missed) console.log(`missed: ${sentence}`);

const halves = Object.entries(report.heldOut);
console.log("\nHeld out, of other work and with labels of its own:");
table([
  head,
  ...halves.flatMap(([half, { byWorkflow, figures }]) => [
    ...Object.entries(byWorkflow).map(([name, each]) => row(`${half}, ${name}`, each)),
    row(half, figures),
  ]),
]);
for (const [half, { sessions, figures }] of halves) {
  const isNamed = half === "tuning" || values.unseal;
  const leaks = sessions.filter(({ session, end }) => session.kind === "hijacked" && end === "leaked");
  if (isNamed) list(`Leaked, of the half ${half}:`, leaks, why);
  const share = (100 * (figures.hijacked - figures.leaked)) / figures.hijacked;
  console.log(`${half}: ${share.toFixed(1)} % of ${figures.hijacked} are stopped or contained; the target is 99 %`);
}
let found = true;
if (values.bugs) {
  console.log("\nWith a bug planted:");
  for (const { name } of flowBugs) {
    const [worse] = worseThan(await withBug(name), report);
    console.log(worse === undefined ? `  not found: ${name}` : `  found: ${name} (${worse})`);
    found &&= worse !== undefined;
  }
}
process.exitCode = found && missed.length === 0 ? 0 : 1;
