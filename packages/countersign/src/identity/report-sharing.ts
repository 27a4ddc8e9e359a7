import type { Tx } from "../db/db.ts";
import type { Clock } from "../floor/clock.ts";
import { dayMs } from "./credential.ts";
import { type SharedUse, sharedUses } from "./sighting.ts";
import { selectSightings } from "./sql.ts";

/** Accounts that more than one client or address used at the same time, on any replicas, in the last `days`. */
export async function reportSharing(tx: Tx, clock: Clock, days = 7): Promise<readonly SharedUse[]> {
  return sharedUses(await selectSightings(tx, clock.now() - days * dayMs));
}
