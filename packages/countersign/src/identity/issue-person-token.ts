import type { Tx } from "../db/db.ts";
import { type Clock, iso } from "../floor/clock.ts";
import { newId } from "../floor/id.ts";
import type { Secret } from "../floor/secret.ts";
import { oneLine } from "./account.ts";
import { dayMs, type IdentityEntry, type PersonToken } from "./credential.ts";
import { mintKeyText } from "./key-text.ts";
import { insertCredential, raiseRevision } from "./sql.ts";

/** The credential that a person's CLI keeps: 30 days, revocable. `note` says on which machine. */
export async function issuePersonToken(
  tx: Tx,
  clock: Clock,
  wanted: { readonly person: string; readonly by: string; readonly note?: string },
): Promise<{ readonly credential: PersonToken; readonly shownOnce: Secret; readonly entry: IdentityEntry }> {
  await raiseRevision(tx);
  const nowMs = clock.now();
  const id = newId("key", nowMs);
  const { secret, hash } = mintKeyText("csp", id);
  const credential: PersonToken = {
    kind: "person_token",
    id,
    person: wanted.person,
    hash,
    note: oneLine(wanted.note, 200),
    createdAtMs: nowMs,
    createdBy: wanted.by,
    expiresAtMs: nowMs + 30 * dayMs,
    lastUsedAtMs: undefined,
  };
  await insertCredential(tx, credential, null);
  const payload = {
    deed: "issued",
    credential: id,
    kind: "person_token",
    person: wanted.person,
    by: wanted.by,
    expiresAt: iso(credential.expiresAtMs),
  };
  return { credential, shownOnce: secret, entry: { kind: "credential", payload } };
}
