import { iso } from "../floor/clock.ts";
import { digestText } from "../floor/digest.ts";
import { Problem } from "../floor/problem.ts";
import type { Caller } from "../identity/caller.ts";
import type { Call, PlannedStep, RunOf } from "./call.ts";
import { ownRun } from "./own-run.ts";
import type { Parts } from "./parts.ts";
import { plannedIn } from "./run-line.ts";
import { lineAbove, type RunRow } from "./run-sql.ts";
import type { Submission } from "./submission.ts";

const steps = new Map<string, number>();

/** The run that a submission belongs to. One that nobody opened is one per session, or per credential and day, and counts as tainted. */
export async function runOf(
  parts: Parts,
  caller: Caller,
  submission: Submission,
  step: Required<PlannedStep>,
  { reverses, edit }: Pick<Call, "reverses" | "edit"> = {},
): Promise<RunOf> {
  const asked = submission.run;
  const day = iso(parts.ledger.now()).slice(0, 10);
  const own = `run_auto_${digestText(`${caller.credential}|${caller.agent}|${day}`).slice(7, 29)}`;
  const isUndo = reverses !== undefined;
  const stays = isUndo || edit !== undefined;
  // A run that an agent made up would be a budget of its own, or another agent's; an undo and an edit stay in their run.
  if (asked === undefined || asked === own || (stays && asked.startsWith("run_auto_"))) {
    const id = asked ?? own;
    return { id, step: nextStep(id), tainted: true };
  }
  const row = await ownRun(parts, caller, asked);
  if (row.closed_at !== null && !isUndo)
    throw new Problem("conflict", `run \`${asked}\` is closed`, { help: "open another run" });
  const line = row.trusted || row.parent === null ? [row] : await lineAbove(parts.db, row.id);
  if (!isUndo) requireOpen(line);
  const planned = isUndo ? undefined : plannedIn(line, step);
  const above = line.filter((one) => one.agent !== row.agent || one.workflow !== row.workflow);
  return {
    id: row.id,
    step: nextStep(row.id),
    tainted: !row.trusted,
    ...(row.task === null ? {} : { task: row.task }),
    ...(row.parent === null ? {} : { parent: row.parent }),
    ...(row.root === null ? {} : { root: row.root }),
    ...(planned === undefined ? {} : { planned }),
    ...(above.length === 0 ? {} : { above: above.map(({ agent, workflow }) => ({ agent, workflow })) }),
  };
}

/** What an agent opened ends with what it was opened under; a line whose end cannot be seen is none. */
function requireOpen(line: readonly RunRow[]): void {
  const [row, ...others] = line;
  const closed = others.find((one) => one.closed_at !== null);
  if (closed !== undefined)
    throw new Problem("conflict", `run \`${closed.id}\`, above \`${row?.id}\`, is closed`, {
      help: "open another run",
    });
  const top = line.at(-1);
  if (top === undefined || (!top.trusted && top.parent !== null))
    throw new Problem("conflict", "this run lies under too many others", { help: "open another run" });
}

/** Counts what this replica has seen of a run: for people to read, not for limits. */
function nextStep(run: string): number {
  const step = (steps.get(run) ?? 0) + 1;
  steps.delete(run);
  steps.set(run, step);
  if (steps.size > 20_000) steps.delete(steps.keys().next().value as string);
  return step;
}
