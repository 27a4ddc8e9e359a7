import { readRun, runRow, type Survey, type Surveyed, surveyRun } from "../action/index.ts";
import { runsUnder } from "../action/run-sql.ts";
import { firstIdAt } from "../floor/id.ts";
import { Problem } from "../floor/problem.ts";
import { may, type PersonCaller, requireMay } from "../identity/index.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import type { ReversalRow } from "./run-reversal-sql.ts";

/** What one reversal undoes at most. */
export const mostActions = 5_000;
const mostRuns = 200;
/** Longer than a call takes before its first entry, and than clocks of replicas lie apart. */
const lateMs = 900_000;

/** What is asked for: a run, those opened under it where `children` says so, and what of it is to stay. */
export interface ReversalScope {
  readonly run: string;
  readonly children: boolean;
  readonly leave: readonly string[];
}

/** What these runs did and what of it can be undone; fails where it is more than is looked through. */
export async function lookThrough(
  control: Control,
  runs: readonly string[],
  leave: readonly string[],
): Promise<Survey> {
  const survey = await surveyRun(control.parts, runs, { leave: new Set(leave), most: mostActions });
  if (!survey.isWhole)
    throw new Problem("too_large", `there are more than ${mostActions} actions in it that are not undone`, {
      help: "undo the newest by themselves, `countersign reverse ACTION`, or leave the runs under it out",
    });
  const foreign = leave.find((deed) => !survey.lines.some((line) => line.deed === deed));
  if (foreign !== undefined)
    throw new Problem("invalid", `\`${foreign}\` is not among what this run did`, { at: "/leave" });
  return survey;
}

/** The run, with those under it where they are asked for, for somebody who may reverse it. */
export async function runsOf(
  control: Control,
  person: PersonCaller,
  { run, children }: Omit<ReversalScope, "leave">,
): Promise<{ readonly runs: readonly string[]; readonly workflow: string }> {
  const { parts } = control;
  const { workflow } = await readRun(parts, run);
  requireMay(person, "reverse", contextOf(control, { workflow }));
  if (!children || (await runRow(parts.db, run)) === undefined) return { runs: [run], workflow };
  const runs = await runsUnder(parts.db, run, mostRuns + 1);
  if (runs.length > mostRuns)
    throw new Problem("too_large", `there are more than ${mostRuns} runs under it`, {
      help: "reverse them by themselves",
    });
  return { runs, workflow };
}

/** Runs that were opened under it after it was asked for, where those are in it. */
export async function runsSince(
  control: Control,
  { run, runs, children }: Pick<ReversalRow, "run" | "runs" | "children">,
): Promise<readonly string[]> {
  if (!children) return [];
  const known = new Set(runs);
  // All of them, however many: what is not looked at would come after what is undone.
  return (await runsUnder(control.parts.db, run, null)).filter((one) => !known.has(one));
}

/** INVARIANT: no bound on runs that did nothing or were reversed by themselves: a reversal that stopped could never go on. */
export function withSince(since: readonly string[], lines: readonly Surveyed[]): readonly string[] {
  const acted = new Set(lines.filter(({ fate }) => fate !== "reversed").map(({ run }) => run));
  const joined = since.filter((run) => acted.has(run));
  if (joined.length <= mostRuns) return joined;
  throw new Problem("too_large", `more than ${mostRuns} runs under it acted since`, {
    help: "reverse them by themselves, and ask again",
  });
}

/** Why this person may not undo this; undefined where they may. */
export function barred(
  control: Control,
  person: PersonCaller,
  { workflow }: Pick<Surveyed, "workflow">,
): string | undefined {
  const permission = may(person, "reverse", contextOf(control, workflow === null ? {} : { workflow }));
  return permission.allowed ? undefined : permission.because;
}

/** From where on actions are looked for that came meanwhile: whatever was on its way to its first entry is found, too. */
export function settledTo(control: Control): string {
  return firstIdAt("act", control.parts.clock.now() - lateMs);
}
