import type { Tx } from "../db/db.ts";
import { type Clock, iso } from "../floor/clock.ts";
import { newId } from "../floor/id.ts";
import { Problem } from "../floor/problem.ts";
import { type Account, checkAccount, lifetime, oneLine } from "./account.ts";
import { type AgentPublicKey, dayMs, type IdentityEntry } from "./credential.ts";
import { readPublicJwk } from "./public-key.ts";
import { insertCredential, raiseRevision, selectByThumbprint } from "./sql.ts";
import { takeSlot } from "./take-slot.ts";

export interface RegisterPublicKey extends Account {
  readonly jwk: unknown;
  readonly by: string;
  /** Who may be behind the person whom it acts for. */
  readonly vouchedBy?: readonly string[];
  readonly note?: string;
  /** 365 days where absent. */
  readonly expiresInMs?: number;
}

/**
 * Lets an agent prove itself with signed assertions. Fails with `invalid` for a key that is not taken, with `conflict`
 * for a third, for one that another account holds, and for one that was revoked.
 */
export async function registerPublicKey(
  tx: Tx,
  clock: Clock,
  wanted: RegisterPublicKey,
): Promise<{ readonly credential: AgentPublicKey; readonly entry: IdentityEntry }> {
  const account = checkAccount(wanted);
  const lifeMs = lifetime(wanted.expiresInMs, 365 * dayMs);
  const { jwk, thumbprint } = await readPublicJwk(wanted.jwk);
  await raiseRevision(tx);
  const nowMs = clock.now();
  const slot = await takeSlot(tx, account, "agent_jwk", nowMs);
  const known = await selectByThumbprint(tx, thumbprint);
  if (known !== undefined) {
    throw new Problem(
      "conflict",
      known.revoked ? "this public key has been revoked" : `this public key is already in use as \`${known.id}\``,
      { help: "make a new key pair: each account has keys of its own" },
    );
  }
  const credential: AgentPublicKey = {
    kind: "agent_jwk",
    id: newId("key", nowMs),
    ...account,
    vouchedBy: wanted.vouchedBy ?? [],
    jwk,
    thumbprint,
    note: oneLine(wanted.note, 200),
    createdAtMs: nowMs,
    createdBy: wanted.by,
    expiresAtMs: nowMs + lifeMs,
    lastUsedAtMs: undefined,
  };
  await insertCredential(tx, credential, slot);
  const payload = {
    deed: "issued",
    credential: credential.id,
    kind: "agent_jwk",
    ...account,
    thumbprint,
    by: wanted.by,
    expiresAt: iso(credential.expiresAtMs),
  };
  return { credential, entry: { kind: "credential", payload } };
}
