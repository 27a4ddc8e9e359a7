import type { Tx } from "../db/db.ts";
import { type Clock, iso } from "../floor/clock.ts";
import { newId } from "../floor/id.ts";
import type { Secret } from "../floor/secret.ts";
import { oneLine } from "./account.ts";
import { dayMs, type IdentityEntry, type Origin, ofTheServer, type PersonToken } from "./credential.ts";
import { mintKeyText } from "./key-text.ts";
import { insertCredential, raiseRevision } from "./sql.ts";

/** The credential that a person's CLI keeps: 30 days, never past what it came from, revocable. `note` says on which machine. */
export async function issuePersonToken(
  tx: Tx,
  clock: Clock,
  wanted: { readonly person: string; readonly by: string; readonly note?: string; readonly origin?: Origin },
): Promise<{ readonly credential: PersonToken; readonly shownOnce: Secret; readonly entry: IdentityEntry }> {
  await raiseRevision(tx);
  const nowMs = clock.now();
  const id = newId("key", nowMs);
  const { secret, hash } = mintKeyText("csp", id);
  const { vouchedBy, parent, notAfterMs = Number.POSITIVE_INFINITY } = wanted.origin ?? ofTheServer;
  const credential: PersonToken = {
    kind: "person_token",
    id,
    person: wanted.person,
    vouchedBy,
    parent,
    hash,
    note: oneLine(wanted.note, 200),
    createdAtMs: nowMs,
    createdBy: wanted.by,
    expiresAtMs: Math.min(nowMs + 30 * dayMs, notAfterMs),
    lastUsedAtMs: undefined,
  };
  await insertCredential(tx, credential, null);
  const payload = {
    deed: "issued",
    credential: id,
    kind: "person_token",
    person: wanted.person,
    by: wanted.by,
    vouchedBy,
    expiresAt: iso(credential.expiresAtMs),
  };
  return { credential, shownOnce: secret, entry: { kind: "credential", payload } };
}
