import type { Tx } from "../db/db.ts";
import { replaceSealedTokenKey, tokenKeysSealedByOther } from "./sql.ts";
import { sealingContext } from "./token-key.ts";

/** Seals the keys that sign tokens anew. How many. */
export async function rewrapTokenKeys(
  tx: Tx,
  sealing: { readonly keyId: string; rewrap(sealed: Uint8Array, context: string): Buffer | undefined },
): Promise<number> {
  let changed = 0;
  for (const { id, sealed } of await tokenKeysSealedByOther(tx, sealing.keyId)) {
    const anew = sealing.rewrap(sealed, sealingContext(id));
    if (anew !== undefined && (await replaceSealedTokenKey(tx, id, sealed, anew))) changed++;
  }
  return changed;
}
