import type { Tx } from "../db/db.ts";
import { Problem } from "../floor/problem.ts";
import type { Parts } from "./parts.ts";
import { lockOpen } from "./sql.ts";

/** Locks a held action, and fails where it is not any more what somebody was shown and may still answer. */
export async function requireAsWas(parts: Parts, tx: Tx, action: string, callDigest: string): Promise<void> {
  const row = await lockOpen(tx, action);
  if (row === undefined || row.state !== "held" || row.frozen_by !== null)
    throw new Problem("conflict", "it no longer waits for an answer");
  if (row.call_digest !== callDigest) throw new Problem("conflict", "the call changed while you answered");
  if (row.expires_at !== null && Date.parse(row.expires_at) <= parts.ledger.now())
    throw new Problem("conflict", "the time to answer is over");
}
