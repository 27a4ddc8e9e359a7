import { canariesOfOther, dropCanary, replaceCanaryKey } from "../approvals/canary-sql.ts";
import type { Tx } from "../db/db.ts";
import type { Rewrapping } from "../ledger/rewrap-keys.ts";
import { wrappingContext } from "../ledger/seal.ts";

const batch = 200;

/** Wraps the keys of seeded requests anew; one that cannot be opened goes. How many. */
export async function rewrapCanaries(tx: Tx, { keyId, rewrap }: Rewrapping): Promise<number> {
  for (let changed = 0; ; ) {
    const rows = await canariesOfOther(tx, keyId, batch);
    if (rows.length === 0) return changed;
    for (const { id, wrapped } of rows) {
      const anew = rewrap(wrapped, wrappingContext(id));
      if (anew === undefined) await dropCanary(tx, id);
      else await replaceCanaryKey(tx, id, anew);
      changed++;
    }
  }
}
