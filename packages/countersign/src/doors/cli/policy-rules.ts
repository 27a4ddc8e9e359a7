import type { MinimalGrants, PolicyFindings, WorkflowRow } from "@countersign/client";
import { exits } from "@countersign/contract";
import type { Command } from "commander";
import { Problem } from "../../floor/problem.ts";
import type { Noun } from "./command.ts";
import { whole } from "./command.ts";
import { line, lines, table } from "./paint.ts";
import type { Shell } from "./shell.ts";

/** Commands about rules as they stand to each other. */
export function policyLint(noun: Command, shell: Shell): void {
  noun
    .command("lint")
    .description("rules behind other rules, or that say what others say; ends with 1 where there is one")
    .option("--unused", "also rules that decided nothing lately")
    .option("--days <number>", "how far back `--unused` looks", "30")
    .action(async (given: { unused?: true; days: string }) => {
      const found = await (await shell.client()).rules.findings(given.unused === true ? daysOf(given.days) : undefined);
      if (found.findings.some(({ kind }) => kind !== "unused")) shell.exit = exits.doesNotHold;
      else if (!found.isWhole) shell.exit = exits.notEnough;
      shell.answer(found, () => findingLines(found, shell));
    });
}

export const grants: Noun = (program, shell) => {
  const noun = program.command("grants").description("what workflows may do, and what they use of it");
  noun
    .command("list", { isDefault: true })
    .description("which tools each workflow may use, and whether it asks first")
    .argument("[workflow]")
    .action(async (name: string | undefined) => {
      const all = await (await shell.client()).rules.workflows();
      const found = all.filter((one) => name === undefined || one.name === name);
      if (name !== undefined && found.length === 0)
        throw new Problem("not_found", `there is no workflow \`${line(name, 100)}\` in force`);
      const granted = found.flatMap(grantsOf);
      shell.answer({ grants: granted }, () =>
        granted.length === 0
          ? [name === undefined ? "no workflow may use a tool" : `\`${line(name, 100)}\` may use no tool`]
          : table(
              ["workflow", "tool", "how"],
              granted.map(({ workflow, tool, how }) => [workflow, tool, how]),
              shell.paint,
            ),
      );
    });
  noun
    .command("minimise")
    .description(
      "propose a narrower workflow file from what was done, and decide that work again under it; changes nothing",
    )
    .argument("<workflow>")
    .option("--days <number>", "how far back it looks", "30")
    .action(async (workflow: string, given: { days: string }) => {
      const minimal = await (await shell.client()).rules.minimalGrants(workflow, daysOf(given.days));
      if (minimal.replay.same < minimal.replay.work) shell.exit = exits.doesNotHold;
      else if (!minimal.isWhole) shell.exit = exits.notEnough;
      shell.answer(minimal, () => grantLines(minimal, shell));
    });
};

/** What the rules of the road let a workflow do; what they block is no grant. */
function grantsOf({ name: workflow, allow, ask }: WorkflowRow) {
  const toolsOf = (rules: unknown): readonly string[] =>
    (Array.isArray(rules) ? rules : []).map((one: unknown) =>
      String(typeof one === "object" && one !== null && "tool" in one ? one.tool : one),
    );
  return [
    ...toolsOf(allow).map((tool) => ({ workflow, tool, how: "allowed" as const })),
    ...toolsOf(ask).map((tool) => ({ workflow, tool, how: "asks first" as const })),
  ];
}

function daysOf(text: string): number {
  const days = whole(text);
  if (days < 1 || days > 365)
    throw new Problem("invalid", `\`${text}\` is no number of days`, { help: "from 1 to 365" });
  return days;
}

function findingLines({ findings, days, looked, isWhole }: PolicyFindings, shell: Shell): readonly string[] {
  const { good, warn } = shell.paint;
  const rows = findings.map(
    ({ kind, policy, file, sentence }) => `${warn(kind)} ${line(policy)} (${line(file)}): ${line(sentence)}`,
  );
  const seen = days === 0 ? [] : [lookedAt(looked, days)];
  const older = isWhole ? [] : [`${warn("older ones were not")}: of no rule is it said that it decided nothing`];
  return [...(rows.length === 0 ? [`${good("ok")}: every rule says something of its own`] : rows), ...seen, ...older];
}

function lookedAt(looked: number, days: number): string {
  return `${looked} decisions of ${days} days were looked at`;
}

function grantLines(minimal: MinimalGrants, shell: Shell): readonly string[] {
  const { good, bad, dim, warn } = shell.paint;
  const { used, unused, difference, replay, days, looked, isWhole } = minimal;
  const same = replay.same === replay.work;
  const calls = used.map(({ tool, calls: count }) => `used: ${line(tool)}, ${count} ${count === 1 ? "call" : "calls"}`);
  if (!isWhole)
    return [
      lookedAt(looked, days),
      ...calls,
      `${warn("older ones were not")}: nothing is proposed, as they may have used what these did not; ask with fewer \`--days\``,
    ];
  return [
    lookedAt(looked, days),
    ...calls,
    ...unused.map((tool) => `never used: ${line(tool)}`),
    ...(difference.length === 0
      ? ["nothing can be taken away"]
      : [dim(minimal.file), ...difference.flatMap((one) => lines(`  ${one}`))]),
    `${same ? good("replayed") : bad("replayed")}: ${replay.same} of ${replay.work} decisions are the same under it`,
    ...replay.broken.map(({ action, now, narrowed }) => `  ${line(action)}: ${line(now)} now, ${line(narrowed)} then`),
  ];
}
