import type { Tx } from "../db/db.ts";
import { Problem } from "../floor/problem.ts";
import type { Subject } from "../ledger/read.ts";
import { openOf } from "./open.ts";
import { lockOpen } from "./open-sql.ts";
import type { Parts } from "./parts.ts";
import { digestOfShown } from "./shown.ts";

export interface AsWas {
  readonly callDigest: string;
  /**
   * What would be shown now is this document, too. INVARIANT: `subject` is what the entry that this transaction writes
   * comes after; where it is not, the entry's step is taken and nothing is written.
   */
  readonly shown?: { readonly digest: string; readonly subject: Subject };
}

/** Locks a held action, and fails where it is not any more what somebody was shown and may still answer. */
export async function requireAsWas(parts: Parts, tx: Tx, action: string, { callDigest, shown }: AsWas): Promise<void> {
  const row = await lockOpen(tx, action);
  if (row === undefined || row.state !== "held" || row.frozen_by !== null)
    throw new Problem("conflict", "it no longer waits for an answer");
  if (row.call_digest !== callDigest) throw new Problem("conflict", "the call changed while you answered");
  if (shown !== undefined && digestOfShown(openOf(row, shown.subject)) !== shown.digest)
    throw new Problem("conflict", "what waits now is not what you were shown", {
      help: "look at it again before you answer",
    });
  if (row.expires_at !== null && Date.parse(row.expires_at) <= parts.ledger.now())
    throw new Problem("conflict", "the time to answer is over");
}
