import { sha256 } from "../floor/digest.ts";

const nodePrefix = Buffer.from([1]);

/** RFC 6962 section 2.1: SHA-256(0x01 || left || right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return sha256(nodePrefix, left, right);
}

export const emptyRoot = sha256();

/** Hashes in one tile, and leaves of the tree that a tile spans level by level. */
export const tileWidth = 256;

/** Root over hashes of equal height; undefined where there are none. */
export function rootOf(hashes: readonly Uint8Array[]): Uint8Array | undefined {
  let [first, ...level] = hashes;
  if (first === undefined) return undefined;
  level.unshift(first);
  // Pairing from the left and carrying an odd last hash up is the same tree as RFC 6962's split.
  while (level.length > 1) {
    const above: Uint8Array[] = [];
    for (let at = 0; at < level.length; at += 2) {
      const [left, right] = [level[at], level[at + 1]];
      if (left !== undefined) above.push(right === undefined ? left : nodeHash(left, right));
    }
    level = above;
  }
  [first] = level;
  return first;
}

/** A tile that has just become full. */
export interface FullTile {
  readonly level: number;
  readonly index: number;
  readonly hashes: Buffer;
  readonly root: Buffer;
}

/** The right edge of the tree: at each level the hashes of the tile that is not full yet. */
export class Edge {
  size: number;
  readonly #levels: Buffer[][];

  constructor(size = 0, levels: Buffer[][] = []) {
    this.size = size;
    this.#levels = levels;
  }

  copy(): Edge {
    return new Edge(
      this.size,
      this.#levels.map((hashes) => [...hashes]),
    );
  }

  /** Takes a leaf hash; returns the tiles that it filled, lowest first. */
  append(leaf: Buffer): FullTile[] {
    const filled: FullTile[] = [];
    this.size++;
    let hash = leaf;
    let span = 1;
    for (let level = 0; ; level++) {
      const hashes = this.#levels[level] ?? [];
      this.#levels[level] = hashes;
      hashes.push(hash);
      if (hashes.length < tileWidth) return filled;
      span *= tileWidth;
      hash = Buffer.from(rootOf(hashes) ?? emptyRoot);
      filled.push({ level, index: this.size / span - 1, hashes: Buffer.concat(hashes), root: hash });
      this.#levels[level] = [];
    }
  }

  root(): Buffer {
    let right: Uint8Array | undefined;
    for (const hashes of this.#levels) {
      // Perfect subtrees from the left, largest first, as the binary form of the width says; folded from the right.
      const subtrees: Uint8Array[] = [];
      let at = 0;
      for (let width = tileWidth; width >= 1; width /= 2) {
        if ((hashes.length & width) === 0) continue;
        const subtree = rootOf(hashes.slice(at, at + width));
        if (subtree !== undefined) subtrees.push(subtree);
        at += width;
      }
      for (const subtree of subtrees.reverse()) right = right === undefined ? subtree : nodeHash(subtree, right);
    }
    return Buffer.from(right ?? emptyRoot);
  }
}
