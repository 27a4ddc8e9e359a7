import { recordsOf } from "../action/stored-record.ts";
import { Problem } from "../floor/problem.ts";
import { readSubjects } from "../ledger/run-sql.ts";
import { asPlane } from "./as-plane.ts";
import type { Control } from "./control.ts";
import { type LeftUndo, leftUndo } from "./left-undo.ts";
import { countSteps, listSteps, newestReversal, type ReversalRow, reversalRow } from "./run-reversal-sql.ts";

export interface ReversalBrief {
  readonly id: string;
  /** The run that it was asked for. */
  readonly run: string;
  /** Whether what is opened under it is in it, too. */
  readonly children: boolean;
  readonly state: "going" | "waiting" | "stopped" | "ended" | "given-up";
  readonly sentence: string;
  readonly total: number;
  readonly done: number;
  readonly left: number;
}

export interface ReversalView extends ReversalBrief {
  readonly runs: readonly string[];
  readonly by: string;
  readonly at: string;
  readonly endedAt: string | null;
  readonly givenUpBy: string | null;
  /** What it waits for or stopped at; of one that was given up, the undo that is left to end. */
  readonly waitsFor: { readonly because: string; readonly sentence: string; readonly action: string | null } | null;
  readonly steps: readonly ReversalStep[];
  readonly next?: string;
}

export interface ReversalStep {
  readonly deed: string;
  readonly run: string;
  readonly tool: string | null;
  readonly target: string | null;
  readonly state: "waiting" | "done" | "left" | "nothing";
  readonly undo: string | null;
  readonly why: string | null;
}

/** How far the newest reversal of a run is; undefined where there was none. */
export async function reversalOf(control: Control, run: string): Promise<ReversalBrief | undefined> {
  const row = await newestReversal(control.parts.db, run);
  return row === undefined ? undefined : briefOf(control, row, await leftUndo(control, row));
}

async function briefOf(control: Control, row: ReversalRow, undo: LeftUndo | undefined): Promise<ReversalBrief> {
  const counts = await countSteps(control.parts.db, row.id);
  if (undo?.isDone === true) {
    counts.done++;
    counts.left--;
  }
  const total = counts.waiting + counts.done + counts.left;
  const state = row.state === "going" && row.told !== null ? "waiting" : row.state;
  const far = `${counts.done} of ${total} undone`;
  const left = counts.left === 0 ? "" : `, ${counts.left} not to be undone`;
  const told = undo?.open?.told ?? (await toldOf(control, row));
  const why = told === null ? "" : `: ${told}`;
  const sentence = {
    going: `it goes on, ${far}${left}`,
    waiting: `it waits, ${far}${left}${why}`,
    stopped: `it stopped, ${far}${left}${why}`,
    ended: counts.left === 0 ? `it ended, ${far}` : `it ended, ${far}; ${counts.left} stayed`,
    "given-up": `${row.given_up_by ?? ""} gave it up, ${far}; ${counts.left} stayed${why}`,
  }[state];
  const { id, run, children } = row;
  return { id, run, children, state, sentence, total, done: counts.done, left: counts.left };
}

/** With what is said of the undo that did nothing: that is in its own record, where it can be erased. */
async function toldOf(control: Control, { because, told, about }: ReversalRow): Promise<string | null> {
  if (told === null || about === null || (because !== "refused" && because !== "failed")) return told;
  const { reverses, sentence } = await control.hall.get(asPlane, about);
  return reverses === undefined ? told : `${told}: ${sentence}`;
}

/** A reversal with its steps in the order in which they are undone, a page of them. */
export async function readReversal(
  control: Control,
  of: { readonly run: string } | { readonly id: string },
  page: { readonly cursor?: string; readonly limit: number },
): Promise<ReversalView> {
  const { db, wrap } = control.parts;
  const row = "id" in of ? await reversalRow(db, of.id) : await newestReversal(db, of.run);
  if (row === undefined) throw new Problem("not_found", "nobody asked to reverse this run");
  const flight = await leftUndo(control, row);
  const brief = await briefOf(control, row, flight);
  const rows = await listSteps(db, row.id, page.cursor, page.limit + 1);
  const shown = rows.slice(0, page.limit);
  const read = await readSubjects(
    db,
    shown.map(({ deed }) => deed),
    wrap,
  );
  const steps = shown.map(({ deed, run, state, undo, why }) => {
    const entries = read.get(deed) ?? [];
    const tool = entries[0]?.entry.tool ?? null;
    const now =
      flight?.isDone === true && deed === flight.deed ? { state: "done" as const, why: null } : { state, why };
    return { deed, run, tool, target: recordsOf({ entries })[0]?.call?.target ?? null, undo, ...now };
  });
  const last = shown.at(-1);
  const told = flight?.open?.told ?? (await toldOf(control, row));
  const because = flight?.open?.because ?? row.because ?? "";
  return {
    ...brief,
    runs: row.runs,
    by: row.asked_by,
    at: row.asked_at,
    endedAt: row.ended_at,
    givenUpBy: row.given_up_by,
    waitsFor: told === null ? null : { because, sentence: told, action: row.about },
    steps,
    ...(rows.length > page.limit && last !== undefined ? { next: last.deed } : {}),
  };
}
