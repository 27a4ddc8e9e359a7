import { type Bytes, equal, sha256 } from "./bytes.ts";

const leafPrefix = Uint8Array.of(0);
const nodePrefix = Uint8Array.of(1);

/** RFC 6962 section 2.1: SHA-256(0x00 || leaf). */
export function leafHash(leaf: Uint8Array): Promise<Bytes> {
  return sha256(leafPrefix, leaf);
}

/** RFC 6962 section 2.1: SHA-256(0x01 || left || right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Promise<Bytes> {
  return sha256(nodePrefix, left, right);
}

/** Sizes pass 2^31, where bit operators stop; so halves and remainders. */
const half = (n: number): number => Math.floor(n / 2);
const isOdd = (n: number): boolean => n % 2 === 1;

/** Whether `leaf` (a leaf hash) stands at `index` in the tree of `size` leaves with `root`: RFC 9162 section 2.1.3.2. */
export async function verifyInclusion(
  claim: { readonly index: number; readonly size: number; readonly leaf: Uint8Array; readonly root: Uint8Array },
  proof: readonly Uint8Array[],
): Promise<boolean> {
  if (claim.index >= claim.size) return false;
  let fn = claim.index;
  let sn = claim.size - 1;
  let hash = claim.leaf;
  for (const sibling of proof) {
    if (sn === 0) return false;
    if (isOdd(fn) || fn === sn) {
      hash = await nodeHash(sibling, hash);
      while (!isOdd(fn) && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else hash = await nodeHash(hash, sibling);
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && equal(hash, claim.root);
}

/** Whether the tree of `to` leaves begins with the tree of `from` leaves: RFC 9162 section 2.1.4.2. */
export async function verifyConsistency(
  claim: { readonly from: number; readonly fromRoot: Uint8Array; readonly to: number; readonly toRoot: Uint8Array },
  proof: readonly Uint8Array[],
): Promise<boolean> {
  const { from, to, fromRoot, toRoot } = claim;
  if (from > to) return false;
  if (from === to) return proof.length === 0 && equal(fromRoot, toRoot);
  if (from === 0) return proof.length === 0 && equal(fromRoot, await sha256());
  let fn = from - 1;
  let sn = to - 1;
  while (isOdd(fn)) [fn, sn] = [half(fn), half(sn)];
  // The old tree is one whole subtree of the new: its root is not repeated in the proof.
  const [first, ...rest] = fn === 0 ? [fromRoot, ...proof] : proof;
  if (first === undefined || proof.length === 0) return false;
  let fromHash = first;
  let toHash = first;
  for (const sibling of rest) {
    if (sn === 0) return false;
    if (isOdd(fn) || fn === sn) {
      fromHash = await nodeHash(sibling, fromHash);
      toHash = await nodeHash(sibling, toHash);
      while (!isOdd(fn) && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else toHash = await nodeHash(toHash, sibling);
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && equal(fromHash, fromRoot) && equal(toHash, toRoot);
}

/** A tree that grows leaf by leaf and keeps only the roots of its whole subtrees. */
export class GrowingTree {
  size = 0;
  readonly #subtrees: Bytes[] = [];

  /** Takes a leaf hash. */
  async append(leaf: Bytes): Promise<void> {
    let hash = leaf;
    for (let n = this.size; isOdd(n); n = half(n)) {
      const left = this.#subtrees.pop();
      if (left !== undefined) hash = await nodeHash(left, hash);
    }
    this.#subtrees.push(hash);
    this.size++;
  }

  copy(): GrowingTree {
    const twin = new GrowingTree();
    twin.size = this.size;
    twin.#subtrees.push(...this.#subtrees);
    return twin;
  }

  async root(): Promise<Bytes> {
    let root: Bytes | undefined;
    for (const subtree of this.#subtrees.toReversed()) {
      root = root === undefined ? subtree : await nodeHash(subtree, root);
    }
    return root ?? sha256();
  }
}
