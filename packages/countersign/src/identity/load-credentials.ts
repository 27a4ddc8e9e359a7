import type { Tx } from "../db/db.ts";
import type { Clock } from "../floor/clock.ts";
import { type CredentialSet, credentialSet } from "./credentials.ts";
import { readRevision, selectLive } from "./sql.ts";

/**
 * Reads what is live; with `current`, only where the revision moved. Called at start, on each notice of the channel
 * `countersign_identity`, and by a poll of at most a second: the answer's age is what a replica may act on.
 */
export async function loadCredentials(tx: Tx, clock: Clock, current?: CredentialSet): Promise<CredentialSet> {
  // INVARIANT: tick and revision are taken before the rows, so that a change in between is read again, never missed.
  const confirmedTick = clock.tick();
  const revision = await readRevision(tx);
  if (current !== undefined && current.revision === revision) return { ...current, confirmedTick };
  return credentialSet(revision, confirmedTick, await selectLive(tx, clock.now()));
}
