import type { Tx } from "../db/db.ts";
import { Problem } from "../floor/problem.ts";
import { readTile } from "./tile.ts";
import { emptyRoot, nodeHash, rootOf, tileWidth } from "./tree.ts";

/** Reads subtree roots off the stored tiles; keeps the tiles that it has read. */
export class Prover {
  readonly #tx: Tx;
  readonly #size: number;
  readonly #tiles = new Map<string, readonly Buffer[]>();

  /** For the tree of `size` leaves, which must not be larger than the latest checkpoint's. */
  constructor(tx: Tx, size: number) {
    this.#tx = tx;
    this.#size = size;
  }

  /** PATH(m, D[n]) of RFC 6962 section 2.1.1. */
  async inclusion(index: number): Promise<Buffer[]> {
    const proof: Buffer[] = [];
    let [from, to] = [0, this.#size];
    while (to - from > 1) {
      const middle = from + split(to - from);
      if (index < middle) {
        proof.push(await this.root(middle, to));
        to = middle;
      } else {
        proof.push(await this.root(from, middle));
        from = middle;
      }
    }
    return proof.reverse();
  }

  /** PROOF(m, D[n]) of RFC 6962 section 2.1.2. */
  async consistency(old: number): Promise<Buffer[]> {
    if (old === 0 || old === this.#size) return [];
    const proof: Buffer[] = [];
    let [from, to, isWhole] = [0, this.#size, true];
    while (old !== to) {
      const middle = from + split(to - from);
      if (old <= middle) {
        proof.push(await this.root(middle, to));
        to = middle;
      } else {
        proof.push(await this.root(from, middle));
        from = middle;
        isWhole = false;
      }
    }
    if (!isWhole) proof.push(await this.root(from, to));
    return proof.reverse();
  }

  /** Root over the leaves `from` to `to`, a range that RFC 6962's splits produce. */
  async root(from: number, to: number): Promise<Buffer> {
    const width = to - from;
    if (width === 0) return emptyRoot;
    const log = Math.log2(width);
    if (Number.isInteger(log) && from % width === 0) return this.#perfect(log, from / width);
    const middle = from + split(width);
    return nodeHash(await this.root(from, middle), await this.root(middle, to));
  }

  /** Root of the whole subtree of height `height` with this place among its like. */
  async #perfect(height: number, place: number): Promise<Buffer> {
    const level = Math.floor(height / 8);
    const span = 2 ** (height % 8);
    const first = place * span;
    const tile = await this.#tile(level, Math.floor(first / tileWidth));
    const hashes = tile.slice(first % tileWidth, (first % tileWidth) + span);
    const root = hashes.length === span ? rootOf(hashes) : undefined;
    if (root === undefined) throw new Problem("bug", "the tree's tiles have a hole");
    return Buffer.from(root);
  }

  async #tile(level: number, index: number): Promise<readonly Buffer[]> {
    const name = `${level}/${index}`;
    const known = this.#tiles.get(name);
    if (known !== undefined) return known;
    const width = Math.min(tileWidth, Math.floor(this.#size / tileWidth ** level) - index * tileWidth);
    const bytes = (await readTile(this.#tx, level, index, width)) ?? Buffer.alloc(0);
    const hashes = Array.from({ length: bytes.length / 32 }, (_, at) => bytes.subarray(at * 32, at * 32 + 32));
    this.#tiles.set(name, hashes);
    return hashes;
  }
}

/** The largest power of two smaller than `n`. */
function split(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** Hashes from a leaf up to the root of the tree of `size`. */
export async function inclusionProof(tx: Tx, index: number, size: number): Promise<Buffer[]> {
  if (index >= size) throw new Problem("not_found", `there is no entry \`${index}\` in a tree of \`${size}\``);
  return new Prover(tx, size).inclusion(index);
}

/** Hashes that show that the tree of `to` begins with the tree of `from`. */
export async function consistencyProof(tx: Tx, from: number, to: number): Promise<Buffer[]> {
  if (from > to) throw new Problem("invalid", `the tree of \`${to}\` cannot begin with a larger one of \`${from}\``);
  return new Prover(tx, to).consistency(from);
}
