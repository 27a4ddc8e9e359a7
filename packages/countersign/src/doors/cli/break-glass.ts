import type { Approval, Glass } from "@countersign/client";
import type { Command } from "commander";
import { systemClock } from "../../floor/clock.ts";
import { Problem } from "../../floor/problem.ts";
import { exitOf } from "./exit.ts";
import { type LookOptions, lookAt } from "./look-at.ts";
import { line, table } from "./paint.ts";
import type { Shell } from "./shell.ts";

interface BreakOptions extends LookOptions {
  readonly reason: string;
}

/** Adds `approvals break-glass`, `broken` and `review`. */
export function breakGlass(noun: Command, shell: Shell): void {
  noun
    .command("break-glass")
    .description("answer alone, in place of all that are missing; loud, and somebody else has to review it")
    .argument("<action>")
    .requiredOption("--reason <text>", "why those who were asked could not be waited for")
    .option("--digest <sha256>", "refuse where the call is not this one (`callDigest` of `approvals show --json`)")
    .option("--yes", "do not ask again")
    .action((id: string, options: BreakOptions) => broke(shell, id, options));
  noun
    .command("broken")
    .description("where somebody answered alone: what nobody has reviewed first")
    .action(async () => {
      const found = await (await shell.client()).glass.list();
      shell.answer({ glass: found }, () =>
        found.length === 0
          ? ["nobody has broken the glass, or all of it was reviewed more than thirty days ago"]
          : [...table(heads, found.map(cells), shell.paint), ...found.flatMap((one) => said(shell, one))],
      );
    });
  noun
    .command("review")
    .description("say what you found where somebody else answered alone; it ends the alert")
    .argument("<glass>")
    .requiredOption("--found <text>", "what you found, in words")
    .action(async (id: string, { found }: { readonly found: string }) => {
      const made = await (await shell.client()).glass.review(id, found);
      shell.answer(made, () => [`reviewed ${id}: the alert is put away`]);
    });
}

async function broke(shell: Shell, id: string, options: BreakOptions): Promise<void> {
  const client = await shell.client();
  const shownAt = systemClock.tick();
  const shown = await lookAt(shell, client, id, "answer this alone, in place of all that are missing", options, warned);
  const { glass, canary } = await client.approvals.breakGlass(id, {
    ...shown,
    reason: options.reason,
    dwellMs: Math.round(systemClock.tick() - shownAt),
  });
  if (canary !== undefined) return shell.answer({ id, canary }, () => [shell.paint.warn(line(canary.sentence))]);
  const view = await client.actions.get(id, 5_000);
  shell.exit = exitOf(view);
  shell.answer({ ...view, ...(glass === undefined ? {} : { glass }) }, () => [
    shell.paint.warn(`you broke the glass over ${id}: it is ${view.state} now`),
    `an alert is open until somebody else reviews ${glass ?? ""}`,
    shell.paint.dim(`${shell.called} receipt ${id}`),
  ]);
}

/** What is told before somebody is asked whether they are sure. */
function warned(shell: Shell, { breakGlass: offer }: Approval): readonly string[] {
  if (offer === undefined)
    throw new Problem("forbidden", "you may not answer this alone", {
      help: "`approvals.breakGlass` in `countersign.yaml` says who may; those who were asked have to answer",
    });
  const whose = offer.missing.map(({ policy, from, missing }) =>
    line(`  ${missing} of \`${from}\` (policy ${policy})`),
  );
  return [
    shell.paint.warn(`break-glass: you would answer alone ${line(offer.as)}, in place of`),
    ...whose,
    `it stands for ${minutes(offer.withinMs)}, for this call alone; the DRI, admins, operators and auditors are told at once`,
    `somebody else has to review it within ${minutes(offer.reviewMs)}`,
  ];
}

function minutes(ms: number): string {
  return ms % 3_600_000 === 0 ? `${ms / 3_600_000} h` : `${Math.round(ms / 60_000)} min`;
}

const heads = ["glass", "state", "by", "tool", "action", "review by (UTC)"];

function cells({ id, state, by, tool, action, reviewBy }: Glass): readonly string[] {
  return [id, state, line(by), line(tool), action, reviewBy.slice(0, 19).replace("T", " ")];
}

function said({ paint }: Shell, one: Glass): readonly string[] {
  const why = one.reason === undefined ? [] : [`${one.id}: ${line(one.by)} says why: ${line(one.reason)}`];
  if (one.state === "reviewed")
    return [...why, `${one.id}: ${line(one.reviewedBy ?? "")} found: ${line(one.found ?? "")}`];
  return one.state === "overdue" ? [...why, paint.warn(`${one.id}: nobody reviewed it in time`)] : why;
}
