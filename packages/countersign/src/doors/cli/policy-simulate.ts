import type { PolicySimulation } from "@countersign/client";
import { exits } from "@countersign/contract";
import type { Command } from "commander";
import { Problem } from "../../floor/problem.ts";
import { duration, gather, whole } from "./command.ts";
import { line, table } from "./paint.ts";
import { bar } from "./progress-bar.ts";
import type { Shell } from "./shell.ts";
import { soundFiles } from "./sound-files.ts";

interface SimulateOptions {
  readonly since?: number;
  readonly limit: number;
  readonly workflow?: string;
  readonly failOn?: readonly string[];
}

/** What `--fail-on` may name. */
const failing = {
  allowed: ["allowed"],
  denied: ["denied"],
  asked: ["asked", "asked otherwise"],
  waiting: ["waiting"],
} as const;
type Failing = keyof typeof failing | "any" | "differing";

/** Adds `policy simulate`. */
export function policySimulate(noun: Command, shell: Shell): void {
  noun
    .command("simulate")
    .description(
      "replay what the ledger stored against a folder: what would be newly allowed, denied or asked of people",
    )
    .argument("[folder]", "the folder with `countersign.yaml`; this one where missing")
    .option("--since <duration>", "how far back; 30 days where missing", duration)
    .option("--limit <count>", "how many decisions at most, the newest first", whole, 100_000)
    .option("--workflow <name>", "only what was decided in this workflow; the DRI may ask for it")
    .option(
      "--fail-on <what>",
      "end with 1 where anything is newly `allowed`, `denied`, `asked`, `waiting`, or `any`; `differing`: where the set in force does not say what was stored",
      gather,
    )
    .action((folder: string | undefined, options: SimulateOptions) => simulate(shell, folder, options));
}

async function simulate(shell: Shell, folder: string | undefined, options: SimulateOptions): Promise<void> {
  const failOn = (options.failOn ?? []).map(failOnOf);
  const { since = duration("30d"), limit, workflow } = options;
  const files = await soundFiles(shell, folder);
  const client = await shell.client();
  const shown = bar(shell, "replaying");
  const body = { files, sinceMs: since, limit, ...(workflow === undefined ? {} : { workflow }) };
  const simulation = await client.policies.simulate(body, shown.show).finally(() => shown.end());
  if (failOn.some((what) => isMet(what, simulation))) shell.exit = exits.doesNotHold;
  shell.answer(simulation, () => simulationLines(shell, simulation));
}

function failOnOf(text: string): Failing {
  if (text === "any" || text === "differing" || Object.hasOwn(failing, text)) return text as Failing;
  throw new Problem("invalid", `\`${text.slice(0, 40)}\` is nothing to fail on`, {
    help: "`allowed`, `denied`, `asked`, `waiting`, `any` or `differing`",
  });
}

function isMet(what: Failing, { counts, reproduced }: PolicySimulation): boolean {
  if (what === "differing") return reproduced.differing.length > 0;
  const names = what === "any" ? Object.values(failing).flat() : failing[what];
  return names.some((name) => counts[name] > 0);
}

const mostShown = 20;

function simulationLines(shell: Shell, found: PolicySimulation): readonly string[] {
  const { good, bad, warn, dim } = shell.paint;
  const { counts, reproduced, took } = found;
  const colour = { allowed: bad, denied: warn, asked: warn, waiting: warn, "asked otherwise": warn };
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const erased = found.erased === 0 ? "" : `; ${found.erased} actions were erased and cannot be replayed`;
  const limited = found.limited ? "; older ones were left out" : "";
  return [
    `${found.replayed} decisions of ${found.actions} actions since ${found.since.slice(0, 16)}${erased}${limited}`,
    total === 0
      ? `${good("nothing changes")}: each would be decided as by the set in force`
      : `newly allowed ${counts.allowed}, newly denied ${counts.denied}, newly needing a person ${counts.asked}, newly waiting ${counts.waiting}, of other people ${counts["asked otherwise"]}`,
    ...(total === 0
      ? []
      : table(
          ["workflow", "tool", "change", "count"],
          found.by.map((one) => [one.workflow, one.tool, one.change, String(one.count)]),
          shell.paint,
        )),
    ...found.changes.slice(0, mostShown).map((one) => {
      const by = one.policies.length === 0 ? "" : ` by ${line(one.policies.join(", "))}`;
      return `${colour[one.change](`newly ${one.change}`)}  ${line(one.action)}  ${line(one.tool)}  ${one.was} becomes ${one.is}${by}`;
    }),
    ...(total > mostShown ? [dim(`… ${total - mostShown} more; --json has ${found.changes.length}`)] : []),
    ...gatheredLines(shell, found),
    ...reproducedLines(shell, reproduced),
    dim(
      `evaluated in ${seconds(took.evaluateMs)}, compared with what was stored in ${seconds(took.reproduceMs)}, read in ${seconds(took.readMs)}`,
    ),
  ];
}

function gatheredLines(shell: Shell, { untold, windows }: PolicySimulation): readonly string[] {
  return [
    ...(windows === undefined
      ? []
      : [`windows counted again from the calls since ${windows.from.slice(0, 16)}: ${line(windows.names.join(", "))}`]),
    ...(untold === 0
      ? []
      : [
          `${shell.paint.warn("untold")}: ${untold} ${untold === 1 ? "decision" : "decisions"} would rest on what nobody gathered then; such calls are in no other number`,
        ]),
  ];
}

function reproducedLines(
  shell: Shell,
  { same, otherSet, differing }: PolicySimulation["reproduced"],
): readonly string[] {
  const others = otherSet === 0 ? "" : `; ${otherSet} were decided by sets before it`;
  return [
    `the set in force says again what was stored: ${same} of ${same + differing.length}, byte for byte${others}`,
    ...differing
      .slice(0, mostShown)
      .map(
        (one) =>
          `  ${shell.paint.bad("differs")}  ${line(one.action)} step ${one.step}: ${line(one.members.join(", "))}`,
      ),
  ];
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
