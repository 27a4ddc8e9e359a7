import { type KnownValues, type Needle, needlesOf, shortestKnown } from "./known-values.ts";
import type { Span } from "./view.ts";

const window = shortestKnown;
const mask = 0xffff;
const top = Math.imul(31 ** 7, 1);

/** Finds any of the known values in a folded text, white space aside, in one pass whatever their number (Rabin-Karp). */
export interface KnownSearch {
  find(text: string): Span[];
}

/** Keeps its index in step with the values; an index is built anew when their revision has risen. */
export function createKnownSearch(known: KnownValues): KnownSearch {
  let revision = -1;
  let index = emptyIndex();
  return {
    find(text) {
      if (known.revision !== revision) {
        revision = known.revision;
        index = emptyIndex();
        for (const value of known.values()) for (const needle of needlesOf(value.reveal())) addNeedle(index, needle);
      }
      return index.byHash.size === 0 || text.length < window ? [] : search(index, text);
    },
  };
}

interface Index {
  readonly seen: Uint8Array;
  readonly byHash: Map<number, Needle[]>;
}

function emptyIndex(): Index {
  return { seen: new Uint8Array(mask + 1), byHash: new Map() };
}

function addNeedle(index: Index, needle: Needle): void {
  let hash = 0;
  for (let i = 0; i < window; i++) hash = (Math.imul(hash, 31) + needle.text.charCodeAt(i)) | 0;
  index.seen[(hash ^ (hash >>> 16)) & mask] = 1;
  const row = index.byHash.get(hash);
  if (row === undefined) index.byHash.set(hash, [needle]);
  else row.push(needle);
}

// Owned by `search`, which is synchronous: the text without white space, and where each of its characters stood.
let codes = new Uint16Array(4096);
let places = new Int32Array(4096);

function compact(text: string): number {
  if (codes.length < text.length) {
    codes = new Uint16Array(text.length * 2);
    places = new Int32Array(text.length * 2);
  }
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code <= 32) continue;
    codes[length] = code;
    places[length] = i;
    length++;
  }
  return length;
}

function search(index: Index, text: string): Span[] {
  const length = compact(text);
  const spans: Span[] = [];
  let hash = 0;
  for (let i = 0; i < length; i++) {
    const leaving = i >= window ? (codes[i - window] ?? 0) : 0;
    hash = (Math.imul((hash - Math.imul(leaving, top)) | 0, 31) + (codes[i] ?? 0)) | 0;
    if (i < window - 1 || index.seen[(hash ^ (hash >>> 16)) & mask] === 0) continue;
    const row = index.byHash.get(hash);
    if (row === undefined) continue;
    const start = i - window + 1;
    for (const needle of row) if (standsAt(needle.text, start, length)) spans.push(place(needle, start, text));
  }
  return spans;
}

function standsAt(needle: string, start: number, length: number): boolean {
  if (start + needle.length > length) return false;
  for (let i = 0; i < needle.length; i++) if (codes[start + i] !== needle.charCodeAt(i)) return false;
  return true;
}

function place(needle: Needle, first: number, text: string): Span {
  let start = places[first] ?? 0;
  let end = (places[first + needle.text.length - 1] ?? start) + 1;
  if (needle.widens) {
    while (start > 0 && isEncoded(text.charCodeAt(start - 1))) start--;
    while (end < text.length && isEncoded(text.charCodeAt(end))) end++;
  }
  return [start, end];
}

/** Base64 of either alphabet, and its padding. */
function isEncoded(code: number): boolean {
  return (
    (code >= 48 && code <= 57) ||
    (code >= 65 && code <= 90) ||
    (code >= 97 && code <= 122) ||
    code === 43 ||
    code === 45 ||
    code === 47 ||
    code === 61 ||
    code === 95
  );
}
