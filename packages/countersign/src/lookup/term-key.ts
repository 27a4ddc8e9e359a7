import { createHmac, createSecretKey } from "node:crypto";
import type { Tx } from "../db/db.ts";
import { freshBytes } from "../floor/id.ts";
import { keepOwnKey } from "../ledger/look-sql.ts";
import type { KeyWrap } from "../ledger/seal.ts";

/** Turns a term into what the database holds of it. */
export interface TermKey {
  /** A number of 40 bits: so short that two terms may share it, and whatever is found is opened and looked at. */
  digest(term: string): number;
}

const termKeyName = "countersign lookup terms";
const digestBytes = 5;
/** Names of tools, agents and folders come again and again. */
const mostKnown = 20_000;

/** The plane's own key for terms: made once, wrapped like every other, the same for all replicas. */
export async function openTermKey(tx: Tx, wrap: KeyWrap): Promise<TermKey> {
  const wrapped = await keepOwnKey(tx, termKeyName, wrap.seal(freshBytes(32), termKeyName));
  return termKeyOf(wrap.open(wrapped, termKeyName));
}

export function termKeyOf(bytes: Buffer): TermKey {
  const key = createSecretKey(bytes);
  const known = new Map<string, number>();
  return {
    digest(term) {
      const before = known.get(term);
      if (before !== undefined) return before;
      const digest = createHmac("sha256", key).update(term).digest().readUIntBE(0, digestBytes);
      if (known.size >= mostKnown) known.clear();
      known.set(term, digest);
      return digest;
    },
  };
}

/** What the index holds of terms in a segment, as an array of PostgreSQL's: the segment stands above the digest. */
export function keysOf(segment: number, digests: Iterable<number>): string {
  const high = BigInt(segment) << BigInt(digestBytes * 8);
  return `{${Array.from(digests, (digest) => high | BigInt(digest)).join()}}`;
}
