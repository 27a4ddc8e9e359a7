import type { Tx } from "../db/db.ts";
import type { Clock } from "../floor/clock.ts";
import type { UseLog } from "./sighting.ts";
import { upsertSightings } from "./sql.ts";

/** Writes what this replica saw since the last flush. Where the write fails those counts are lost, never the service. */
export async function flushUses(tx: Tx, clock: Clock, uses: UseLog): Promise<number> {
  const taken = uses.take(clock.now());
  if (taken.length > 0) await upsertSightings(tx, taken);
  return taken.length;
}
