import type { Tx } from "../db/db.ts";
import { after, isAction, numberOf } from "./action-number.ts";
import { deleteTerms, holdIndex, segmentsBefore } from "./sql.ts";

/**
 * Removes all terms of actions. INVARIANT: the index is held until the transaction ends, so that an indexer which has
 * read an action's key can write nothing of it afterwards: erase the key in the same transaction, after this.
 */
export async function eraseTerms(tx: Tx, actions: readonly string[]): Promise<void> {
  await holdIndex(tx);
  const bySegment = new Map<number, string[]>();
  for (const action of actions.filter(isAction)) {
    const number = numberOf(action);
    const [segment] = await segmentsBefore(tx, after(number), 1);
    if (segment !== undefined) bySegment.set(segment.number, [...(bySegment.get(segment.number) ?? []), number]);
  }
  for (const [segment, numbers] of bySegment) await deleteTerms(tx, segment, numbers);
}
