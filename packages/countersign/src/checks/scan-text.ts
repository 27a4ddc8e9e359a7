import { decodeOnce, isReadable } from "./decode.ts";
import { findPatterns } from "./find-patterns.ts";
import { foldView } from "./fold.ts";
import type { KnownSearch } from "./known-search.ts";
import { type Found, mergeSpans, rootView, type View } from "./view.ts";

/** Levels of encoding that are undone. */
export const decodingDepth = 2;
const patternWindow = 65_536;
const patternOverlap = 8_192;

/** What one scan may use. Spending more than is left throws `ScanLimit`, and the scan's verdict is `error`. */
export interface Budget {
  spend(chars: number): void;
}

export class ScanLimit extends Error {
  override readonly name = "ScanLimit";
}

/** Where a text holds a credential: as it stands, behind look-alike or invisible characters, or encoded. */
export function scanText(text: string, known: KnownSearch, budget: Budget): Found[] {
  if (text.length < 8) return [];
  const found: Found[] = [];
  let level: View[] = [rootView(text)];
  for (let depth = 0; level.length > 0; depth++) {
    const deeper: View[] = [];
    for (const raw of level) {
      budget.spend(raw.text.length);
      const readable = depth === 0 || isReadable(raw.text);
      const view = readable ? foldView(raw) : raw;
      collect(view, readable, known, budget, found);
      // What reads as nothing may still be a known value with many letters beyond ASCII, which is known by its fold.
      if (!readable) collectFolded(raw, known, budget, found);
      if (depth < decodingDepth) deeper.push(...decodeOnce(view));
    }
    level = deeper;
  }
  return found.length === 0 ? found : mergeSpans(found);
}

function collectFolded(raw: View, known: KnownSearch, budget: Budget, found: Found[]): void {
  const folded = foldView(raw);
  if (folded === raw) return;
  budget.spend(raw.text.length);
  collect(folded, false, known, budget, found);
}

function collect(view: View, readable: boolean, known: KnownSearch, budget: Budget, found: Found[]): void {
  const add = (rule: string, start: number, end: number): void => {
    const [from, to] = view.origin(start, end);
    found.push({ rule, start: from, end: to });
  };
  for (const [start, end] of known.find(view.text)) add("known-value", start, end);
  if (!readable) return;
  // A long text goes in overlapping pieces, so that the clock is looked at between them.
  for (let from = 0; from === 0 || from + patternOverlap < view.text.length; from += patternWindow - patternOverlap) {
    if (from > 0) budget.spend(patternWindow);
    const piece = view.text.length <= patternWindow ? view.text : view.text.slice(from, from + patternWindow);
    for (const span of findPatterns(piece)) add(span.rule, from + span.start, from + span.end);
    if (piece.length < patternWindow) break;
  }
}
