import type { Tx } from "../db/db.ts";
import type { Clock } from "../floor/clock.ts";
import { dayMs } from "./credential.ts";
import { deleteExpired } from "./sql.ts";

/** Deletes used assertions, links and sessions that have expired, and sightings after 30 days. Credentials stay. */
export async function forgetExpired(tx: Tx, clock: Clock): Promise<number> {
  return deleteExpired(tx, clock.now(), clock.now() - 30 * dayMs);
}
