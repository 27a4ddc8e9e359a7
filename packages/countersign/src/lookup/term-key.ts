import { createHmac, hash } from "node:crypto";
import type { Tx } from "../db/db.ts";
import { freshBytes } from "../floor/id.ts";
import { keepOwnKey } from "../ledger/look-sql.ts";
import type { KeyWrap } from "../ledger/seal.ts";

/** Turns a term into what the database holds of it. */
export interface TermKey {
  /** A number of 40 bits: so short that two terms may share it, and whatever is found is opened and looked at. */
  digest(term: string): number;
  /** All of the HMAC, in hex: for what is compared and never opened to look, so that no two terms may share it. */
  whole(term: string): string;
}

const termKeyName = "countersign lookup terms";
const digestBytes = 5;
/** Names of tools, agents and folders come again and again: what does not is not kept. */
const [mostKnown, mostLately] = [5_000, 500];

/** The plane's own key for terms: made once, wrapped like every other, the same for all replicas. */
export async function openTermKey(tx: Tx, wrap: KeyWrap): Promise<TermKey> {
  const wrapped = await keepOwnKey(tx, termKeyName, wrap.seal(freshBytes(32), termKeyName));
  return termKeyOf(wrap.open(wrapped, termKeyName));
}

export function termKeyOf(bytes: Buffer): TermKey {
  const mac = hmacOf(bytes);
  const known = new Map<string, number>();
  const lately = new Set<string>();
  return {
    digest(term) {
      const before = known.get(term);
      if (before !== undefined) return before;
      const digest = Number.parseInt(mac(term).slice(0, 2 * digestBytes), 16);
      if (lately.delete(term)) {
        if (known.size >= mostKnown) known.clear();
        known.set(alone(term), digest);
      } else {
        if (lately.size >= mostLately) lately.clear();
        lately.add(alone(term));
      }
      return digest;
    },
    whole: mac,
  };
}

/** The same text in memory of its own: a piece of another text, kept, would keep all of that. */
function alone(term: string): string {
  return Buffer.from(term, "utf8").toString("utf8");
}

const blockBytes = 64;
const longestAtOnce = 4096;

/**
 * HMAC-SHA-256 in hex, as RFC 2104 builds it, by two hashes at once: an object for each term costs more than twice as
 * much, and there are sixty of an action. `bytes` are no longer than a block.
 */
export function hmacOf(bytes: Buffer): (text: string) => string {
  const padded = (pad: number, more: number): Buffer => {
    const block = Buffer.alloc(blockBytes + more);
    block.set(bytes);
    for (let at = 0; at < blockBytes; at++) block[at] = (block[at] ?? 0) ^ pad;
    return block;
  };
  const inner = padded(0x36, longestAtOnce);
  const outer = padded(0x5c, 32);
  return (text) => {
    if (Buffer.byteLength(text) > longestAtOnce) return createHmac("sha256", bytes).update(text).digest("hex");
    const end = blockBytes + inner.write(text, blockBytes, "utf8");
    outer.write(hash("sha256", inner.subarray(0, end), "binary"), blockBytes, "latin1");
    return hash("sha256", outer, "hex");
  };
}

const aboveDigest = 2 ** (8 * digestBytes);
const mostExact = Number.MAX_SAFE_INTEGER / aboveDigest - 1;

/** What the index holds of terms in segments, as an array of PostgreSQL's: the segment stands above the digest. */
export function keysOf(segments: readonly number[], digests: Iterable<number>): string {
  const low = [...digests];
  let keys = "";
  for (const segment of segments)
    for (const digest of low) {
      const key =
        segment < mostExact ? segment * aboveDigest + digest : BigInt(segment) * BigInt(aboveDigest) + BigInt(digest);
      keys += `${keys === "" ? "" : ","}${key}`;
    }
  return `{${keys}}`;
}
