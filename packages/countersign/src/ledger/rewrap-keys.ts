import type { Tx } from "../db/db.ts";
import type { Pace } from "../floor/pace.ts";
import { keysWrappedByOther, replaceWrappings } from "./key-sql.ts";
import { wrappingContext } from "./seal.ts";

/** Seals anew under the key in force; `context` is what a wrapping is bound to. */
export interface Rewrapping {
  /** Id of the key in force. */
  readonly keyId: string;
  /** Undefined where it cannot be opened: it is left as it is. */
  rewrap(wrapped: Uint8Array, context: string): Buffer | undefined;
}

const batch = 200;

/** Wraps the keys of all subjects, and the plane's own, anew: a key that was erased meanwhile stays gone. How many. */
export async function rewrapKeys(tx: Tx, { keyId, rewrap }: Rewrapping, pace: Pace): Promise<number> {
  let changed = 0;
  for (let after = ""; ; ) {
    const rows = await keysWrappedByOther(tx, keyId, after, batch);
    const last = rows.at(-1);
    if (last === undefined) return changed;
    const anew = rows.flatMap(({ subject, wrapped }) => {
      const after = rewrap(wrapped, wrappingContext(subject));
      return after === undefined ? [] : [{ subject, before: wrapped, after }];
    });
    changed += await replaceWrappings(tx, anew);
    after = last.subject;
    await pace.rest();
  }
}
