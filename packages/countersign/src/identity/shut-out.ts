import type { Tx } from "../db/db.ts";
import type { Clock } from "../floor/clock.ts";
import { oneLine } from "./account.ts";
import { dropProviderPerson } from "./login-sql.ts";
import { removePasskeys } from "./passkey-sql.ts";
import { dropLinks, endSessions, raiseRevision, revokeRows } from "./sql.ts";

/** How many of each were ended. */
export interface ShutOut {
  readonly sessions: number;
  readonly credentials: number;
  readonly passkeys: number;
}

/**
 * Ends everything that a person is logged in with. `forget`: their passkeys too, and what the identity provider said.
 * `leaves`: also the keys with which agents act for them. In force on a replica as soon as it has loaded the new revision.
 */
export async function shutOut(
  tx: Tx,
  clock: Clock,
  of: {
    readonly person: string;
    readonly by: string;
    readonly because: string;
    readonly forget: boolean;
    readonly leaves: boolean;
  },
): Promise<ShutOut> {
  await raiseRevision(tx);
  const { person, by, forget, leaves } = of;
  const nowMs = clock.now();
  const how = { by, because: oneLine(of.because, 500), nowMs };
  await dropLinks(tx, person);
  const sessions = await endSessions(tx, { person }, nowMs);
  const own = await revokeRows(tx, { person }, how);
  const lent = leaves ? await revokeRows(tx, { onBehalfOf: person }, how) : [];
  const passkeys = forget ? await removePasskeys(tx, { person }, nowMs) : [];
  if (forget) await dropProviderPerson(tx, person);
  return { sessions: sessions.length, credentials: own.length + lent.length, passkeys: passkeys.length };
}
