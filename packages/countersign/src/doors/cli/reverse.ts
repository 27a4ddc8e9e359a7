import { setTimeout as sleep } from "node:timers/promises";
import type { Reversal, ReversalLine, ReversalPreview, ReversalStep } from "@countersign/client";
import { exits } from "@countersign/contract";
import { Problem } from "../../floor/problem.ts";
import { showAction } from "./actions.ts";
import { gather, type Noun } from "./command.ts";
import { line } from "./paint.ts";
import type { Shell } from "./shell.ts";

interface ReverseOptions {
  readonly run?: string;
  readonly reason?: string;
  readonly children?: true;
  readonly leave?: readonly string[];
  readonly dryRun?: true;
  readonly giveUp?: true;
}

export const reverse: Noun = (program, shell) => {
  program
    .command("reverse")
    .description(
      "undo a done action, or all that a run did, by the plans captured before; each undo is an action of its own",
    )
    .argument("[action]")
    .option("--run <run>", "instead of one action: all that this run did, what came last first")
    .option("--reason <text>", "why; needed where something is to be done")
    .option("--children", "with `--run`: also the runs that were opened under it")
    .option("--leave <actions>", "with `--run`: actions that are to stay, with commas", gather)
    .option("--dry-run", "with `--run`: only say what would be done, and what it would need")
    .option("--give-up", "with `--run`: say that its reversal shall not go on; what is not undone stays")
    .action((id: string | undefined, options: ReverseOptions) => act(shell, id, options));
};

async function act(shell: Shell, id: string | undefined, options: ReverseOptions): Promise<void> {
  const { run, reason, dryRun, giveUp } = options;
  if ((id === undefined) === (run === undefined))
    throw new Problem("invalid", "say what is reversed: an action, or a run with `--run`");
  const named = dryRun ?? options.children ?? options.leave;
  if (run === undefined && (named ?? giveUp) !== undefined)
    throw new Problem("invalid", "`--dry-run`, `--children`, `--leave` and `--give-up` go with `--run`");
  if (named !== undefined && giveUp !== undefined)
    throw new Problem("invalid", "`--give-up` is about all of a reversal: it takes `--run` and `--reason` alone");
  const client = await shell.client();
  const scope = { children: options.children === true, leave: options.leave ?? [] };
  if (run !== undefined && dryRun === true) return preview(shell, run, scope);
  if (reason === undefined) throw new Problem("invalid", "say why, with `--reason`");
  if (id !== undefined) return showAction(shell, await client.actions.reverse(id, reason));
  if (run === undefined) return;
  if (giveUp === true) return tellGivenUp(shell, await client.actions.giveUpReversal(run, reason));
  await client.actions.reverseRun(run, { reason, children: scope.children, leave: [...scope.leave] });
  await follow(shell, run);
}

async function preview(
  shell: Shell,
  run: string,
  scope: { readonly children: boolean; readonly leave: readonly string[] },
): Promise<void> {
  const client = await shell.client();
  const lines: ReversalLine[] = [];
  let seen: ReversalPreview | undefined;
  for (let cursor: string | undefined; seen === undefined || cursor !== undefined; ) {
    seen = await client.actions.previewReversal(run, { ...scope, limit: 100 }, cursor);
    lines.push(...seen.lines);
    cursor = seen.next;
  }
  const { next: _, ...whole } = seen;
  const isWhole = lines.every(({ fate }) => fate === "undo" || fate === "reversed");
  shell.exit = isWhole ? exits.ok : exits.doesNotHold;
  shell.answer({ ...whole, lines }, () => [
    ...lines.flatMap((one) => previewLines(shell, one)),
    `nothing was done: ${seen.undo} can be undone, ${seen.left} not, ${seen.reversed} were already${seen.open === 0 ? "" : `, and of ${seen.open} nobody knows yet`}`,
  ]);
}

const marks = { undo: "undo", left: "stays", reversed: "was undone", open: "waits", refused: "stops" } as const;

function previewLines(shell: Shell, one: ReversalLine): readonly string[] {
  const { bold } = shell.paint;
  return [
    `${bold(marks[one.fate].padEnd(10))} ${one.deed}  ${onWhat(one)}`,
    `           ${line(shell.inTheirWords(one.sentence))}`,
    ...(one.changed === true ? ["           its target changed since, or nobody can tell"] : []),
    ...one.needs.map((need) => `           needs ${line(need)}`),
  ];
}

function onWhat({ tool, target }: Pick<ReversalLine, "tool" | "target">): string {
  return `${line(tool ?? "-", 200)}${target === null ? "" : ` on ${line(target, 300)}`}`;
}

const lookEveryMs = 500;
/** It goes on by itself, and nobody has to do anything. */
const passing: ReadonlySet<string> = new Set(["running", "unavailable", "budget"]);

/** Tells each step as it ends, until the whole did or waits for somebody. To go away ends nothing. */
async function follow(shell: Shell, run: string): Promise<void> {
  const client = await shell.client();
  const told: ReversalStep[] = [];
  for (let cursor: string | undefined; ; ) {
    const now = await client.actions.reversal(run, cursor);
    const ended = now.steps.findIndex(({ state }) => state === "waiting");
    const fresh = ended === -1 ? now.steps : now.steps.slice(0, ended);
    for (const step of fresh) shell.note(stepLine(step));
    told.push(...fresh);
    cursor = fresh.at(-1)?.deed ?? cursor;
    if (ended === -1 && now.next !== undefined) continue;
    if (now.state !== "going" && !passing.has(now.waitsFor?.because ?? "")) {
      shell.exit = exitOf(now);
      const { next: _, ...whole } = now;
      const rest = now.steps.slice(fresh.length);
      shell.answer({ ...whole, steps: [...told, ...rest] }, () => endLines(shell, now));
      return;
    }
    await sleep(lookEveryMs);
  }
}

function tellGivenUp(shell: Shell, now: Reversal): void {
  const { next: _, ...whole } = now;
  shell.answer(whole, () => endLines(shell, now));
}

function stepLine(step: ReversalStep): string {
  const what = { done: "undone", left: "stays", nothing: "nothing", waiting: "waits" }[step.state];
  const how = step.state === "left" ? `: ${step.why ?? ""}` : step.undo === null ? "" : ` by ${step.undo}`;
  return `${what.padEnd(8)} ${step.deed}  ${onWhat(step)}${line(how)}`;
}

function endLines(shell: Shell, now: Reversal): readonly string[] {
  const about = now.waitsFor?.action ?? null;
  const next = {
    held: about === null ? [] : [`${shell.called} approvals show ${about}`],
    unknown: [`${shell.called} unknowns`],
  };
  const hint = now.waitsFor === null ? [] : (next[now.waitsFor.because as keyof typeof next] ?? []);
  const goesOn = now.state === "waiting" ? ["it goes on by itself once that is over"] : [];
  return [line(shell.inTheirWords(now.sentence)), ...goesOn, ...hint.map((one) => shell.paint.dim(one))];
}

/** 0 only where all of it was undone, or still may be. */
function exitOf({ state, left, waitsFor }: Reversal): number {
  if (state === "ended") return left === 0 ? exits.ok : exits.doesNotHold;
  if (waitsFor?.because === "unknown") return exits.notEnough;
  if (state === "waiting") return exits.ok;
  return waitsFor?.because === "refused" || waitsFor?.because === "forbidden" ? exits.refused : exits.doesNotHold;
}
