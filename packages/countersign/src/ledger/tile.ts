import type { Tx } from "../db/db.ts";
import { entriesInTree, fullTile, hashesOf } from "./log-sql.ts";
import { Edge, tileWidth } from "./tree.ts";

/** Where C2SP tlog-tiles serves a tile: `tile/0/x001/234.p/17`; entry bundles have the level `entries`. */
export function tilePath(level: number | "entries", index: number, width: number = tileWidth): string {
  const digits = String(index);
  const parts = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/.{3}/g) ?? [];
  const named = parts.map((part, at) => (at < parts.length - 1 ? `x${part}` : part)).join("/");
  return `tile/${level}/${named}${width === tileWidth ? "" : `.p/${width}`}`;
}

export interface TileName {
  readonly level: number | "entries";
  readonly index: number;
  readonly width: number;
}

/** The reverse of `tilePath`; undefined for any other spelling. */
export function parseTilePath(path: string): TileName | undefined {
  const parts = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/){0,4}\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path);
  if (parts === null) return undefined;
  const level = parts[1] === "entries" ? "entries" : Number(parts[1]);
  const index = Number((parts[2] ?? "").replaceAll(/[x/]/g, ""));
  const width = parts[3] === undefined ? tileWidth : Number(parts[3]);
  const isKnown =
    Number.isSafeInteger(index) && width > 0 && width <= tileWidth && tilePath(level, index, width) === path;
  return isKnown ? { level, index, width } : undefined;
}

/** The first `width` hashes of a tile, as served; null while the tree is not that large. */
export async function readTile(
  tx: Tx,
  level: number,
  index: number,
  width: number = tileWidth,
): Promise<Buffer | null> {
  const full = await fullTile(tx, level, index);
  if (full !== null) return full.subarray(0, width * 32);
  const hashes = await hashesOf(tx, level, index * tileWidth, index * tileWidth + width);
  return hashes.length === width ? Buffer.concat(hashes) : null;
}

/** Entries of one level-0 tile, each behind its length in two bytes; null while the tree is not that large. */
export async function readEntryBundle(tx: Tx, index: number, width: number = tileWidth): Promise<Buffer | null> {
  const rows = await entriesInTree(tx, index * tileWidth, index * tileWidth + width);
  if (rows.length !== width) return null;
  return Buffer.concat(rows.flatMap(({ leaf }) => [Buffer.from([leaf.length >> 8, leaf.length & 255]), leaf]));
}

/** The right edge of the stored tree of `size` leaves. */
export async function readEdge(tx: Tx, size: number): Promise<Edge> {
  const levels: Buffer[][] = [];
  for (let level = 0, width = size; width > 0; level++, width = Math.floor(width / tileWidth)) {
    const from = Math.floor(width / tileWidth) * tileWidth;
    levels.push([...(await hashesOf(tx, level, from, width))]);
  }
  return new Edge(size, levels);
}
