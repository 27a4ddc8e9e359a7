import { createHmac, createSecretKey } from "node:crypto";
import type { Tx } from "../db/db.ts";
import { freshBytes } from "../floor/id.ts";
import { keepOwnKey } from "../ledger/look-sql.ts";
import type { KeyWrap } from "../ledger/seal.ts";

/** Turns a term into what the database holds of it. */
export interface TermKey {
  /** Hex of 12 bytes. */
  digest(term: string): string;
}

const termKeyName = "countersign lookup terms";
const digestBytes = 12;
/** Names of tools, agents and folders come again and again. */
const mostKnown = 20_000;

/** The plane's own key for terms: made once, wrapped like every other, the same for all replicas. */
export async function openTermKey(tx: Tx, wrap: KeyWrap): Promise<TermKey> {
  const wrapped = await keepOwnKey(tx, termKeyName, wrap.seal(freshBytes(32), termKeyName));
  return termKeyOf(wrap.open(wrapped, termKeyName));
}

export function termKeyOf(bytes: Buffer): TermKey {
  const key = createSecretKey(bytes);
  const known = new Map<string, string>();
  return {
    digest(term) {
      const before = known.get(term);
      if (before !== undefined) return before;
      const digest = createHmac("sha256", key).update(term).digest().toString("hex", 0, digestBytes);
      if (known.size >= mostKnown) known.clear();
      known.set(term, digest);
      return digest;
    },
  };
}
