import type { Tx } from "../db/db.ts";
import { type Clock, iso } from "../floor/clock.ts";
import { newId } from "../floor/id.ts";
import type { Secret } from "../floor/secret.ts";
import { type Account, checkAccount, lifetime, oneLine } from "./account.ts";
import { type AgentKey, dayMs, type IdentityEntry } from "./credential.ts";
import { mintKeyText } from "./key-text.ts";
import { insertCredential, raiseRevision } from "./sql.ts";
import { takeSlot } from "./take-slot.ts";

export interface IssueKey extends Account {
  readonly by: string;
  /** Who may be behind the person whom it acts for. */
  readonly vouchedBy?: readonly string[];
  readonly note?: string;
  /** 90 days where absent. */
  readonly expiresInMs?: number;
}

export interface IssuedKey {
  readonly credential: AgentKey;
  /** The key itself: it exists here and nowhere else. */
  readonly shownOnce: Secret;
  readonly entry: IdentityEntry;
}

/**
 * A new key for an agent in an environment; the second of two is how a key is rotated. Fails with `conflict` at a third.
 * That the agent exists and that `by` may do this is the caller's to decide.
 */
export async function issueKey(tx: Tx, clock: Clock, wanted: IssueKey): Promise<IssuedKey> {
  const account = checkAccount(wanted);
  const lifeMs = lifetime(wanted.expiresInMs, 90 * dayMs);
  await raiseRevision(tx);
  const nowMs = clock.now();
  const slot = await takeSlot(tx, account, "agent_key", nowMs);
  const id = newId("key", nowMs);
  const { secret, hash } = mintKeyText("csk", id);
  const credential: AgentKey = {
    kind: "agent_key",
    id,
    ...account,
    vouchedBy: wanted.vouchedBy ?? [],
    hash,
    note: oneLine(wanted.note, 200),
    createdAtMs: nowMs,
    createdBy: wanted.by,
    expiresAtMs: nowMs + lifeMs,
    lastUsedAtMs: undefined,
  };
  await insertCredential(tx, credential, slot);
  const payload = {
    deed: "issued",
    credential: id,
    kind: "agent_key",
    ...account,
    by: wanted.by,
    expiresAt: iso(credential.expiresAtMs),
    live: slot === 1 ? "first place" : "second place",
  };
  return { credential, shownOnce: secret, entry: { kind: "credential", payload } };
}
