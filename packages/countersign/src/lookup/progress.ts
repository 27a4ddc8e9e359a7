import type { Tx } from "../db/db.ts";
import { lagAfter, openHeads } from "./sql.ts";

/** How far the index is. */
export interface Progress {
  /** What was recorded before this moment is in the index. */
  readonly indexedUpTo: string;
  /** Entries that are not in it yet: a question looks at what they say by itself. */
  readonly behind: number;
}

export async function progressOf(tx: Tx, nowMs: number): Promise<Progress> {
  const lags = await lagAfter(tx, await openHeads(tx));
  const firsts = lags.flatMap(({ first }) => (first === null ? [] : [first])).sort();
  return {
    indexedUpTo: firsts[0] ?? new Date(nowMs).toISOString(),
    behind: lags.reduce((sum, { count }) => sum + count, 0),
  };
}
