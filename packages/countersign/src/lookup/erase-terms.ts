import type { Tx } from "../db/db.ts";
import { isAction, numberOf } from "./action-number.ts";
import { deleteTerms, holdIndex } from "./sql.ts";

/**
 * Removes all terms of actions. INVARIANT: the index is held until the transaction ends, so that an indexer which has
 * read an action's key can write nothing of it afterwards: erase the key in the same transaction, after this.
 */
export async function eraseTerms(tx: Tx, actions: readonly string[]): Promise<void> {
  await holdIndex(tx);
  await deleteTerms(tx, actions.filter(isAction).map(numberOf));
}
