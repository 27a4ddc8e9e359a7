import type { Tx } from "../db/db.ts";
import { bindingOf } from "./sealed.ts";
import type { Sealer } from "./sealer.ts";
import { readWrappedByOther, replaceWrapping } from "./sql.ts";

/**
 * Wraps every secret's data key anew under the key in force, in batches; secrets stay readable throughout. Returns how
 * many it changed. A row that somebody else changed meanwhile is looked at again.
 */
export async function rewrap(tx: Tx, sealer: Sealer, batch = 200): Promise<number> {
  let changed = 0;
  for (;;) {
    const rows = await readWrappedByOther(tx, sealer.keyId, batch);
    if (rows.length === 0) return changed;
    for (const row of rows) {
      const binding = bindingOf(row.tenant, row.path, row.version);
      const key = sealer.unwrapKey(row.dek_wrapped, binding);
      if (await replaceWrapping(tx, row, sealer.wrapKey(key, binding))) changed++;
      key.fill(0);
    }
  }
}
