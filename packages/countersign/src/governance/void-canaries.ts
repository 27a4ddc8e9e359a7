import { allOpenCanaries, dropCanary } from "../approvals/canary-sql.ts";
import { findStop, type Stop } from "../stop/index.ts";
import type { Control } from "./control.ts";
import { openSeeded, stoppedAs } from "./meet-canary.ts";

/**
 * A stop that refuses what is held takes with it what was seeded: else nothing would be left in an inbox but what was never
 * an action. Nobody missed it, so it counts for nobody.
 */
export async function voidCanaries(control: Control, stop: Stop): Promise<void> {
  const { db, ledger } = control.parts;
  for (const row of await allOpenCanaries(db)) {
    const open = openSeeded(control, row)?.open;
    if (open !== undefined && findStop([stop], stoppedAs(control, open), ledger.now()) !== undefined)
      await dropCanary(db, row.id);
  }
}
