import { freezeSeeded, thawSeeded, unansweredCanaries } from "../approvals/canary-sql.ts";
import { findStop } from "../stop/index.ts";
import type { Control } from "./control.ts";
import { openSeeded, stoppedAs } from "./meet-canary.ts";

/**
 * What is seeded has as much time left after a stop as before it, as what is held has: else a long stop would leave in an
 * inbox only what is real. Freezes what a stop in force covers, and lets go of what none covers any more.
 */
export async function freezeCanaries(control: Control): Promise<void> {
  const { db, ledger } = control.parts;
  const stops = control.keeper.loaded().stops.filter(({ untilMs }) => untilMs === null || ledger.now() < untilMs);
  const isCovered = (row: Parameters<typeof openSeeded>[1]): boolean => {
    const open = stops.length === 0 ? undefined : openSeeded(control, row)?.open;
    return open !== undefined && findStop(stops, stoppedAs(control, open), ledger.now()) !== undefined;
  };
  const rows = await unansweredCanaries(db, stops.length === 0);
  const [under, free] = [rows.filter((row) => isCovered(row)), rows.filter((row) => !isCovered(row))];
  const idsOf = (some: typeof rows, isFrozen: boolean): readonly string[] =>
    some.flatMap(({ id, frozen_at: at }) => ((at !== null) === isFrozen ? [id] : []));
  await freezeSeeded(db, idsOf(under, false));
  await thawSeeded(db, idsOf(free, true));
}
