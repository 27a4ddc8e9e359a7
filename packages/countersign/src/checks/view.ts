/** A text derived from another, and where each stretch of it lies in the text that was given. */
export interface View {
  readonly text: string;
  /** The stretch of the given text that holds everything that `[start, end)` of this view came from. */
  readonly origin: (start: number, end: number) => Span;
}

export type Span = readonly [start: number, end: number];

/** A stretch of a text that a rule objects to. */
export interface Found {
  readonly rule: string;
  readonly start: number;
  readonly end: number;
}

export function rootView(text: string): View {
  return { text, origin: (start, end) => [start, end] };
}

/** One replacement: `from` is where it stands in the parent, `was` and `is` are lengths there and here. */
export interface Edit {
  readonly from: number;
  readonly was: number;
  readonly is: number;
}

/** A view of `[base, …)` of its parent with some stretches rewritten. `edits` is asked only once something is found. */
export function editedView(parent: View, text: string, base: number, edits: () => readonly Edit[]): View {
  let rows: readonly Row[] | undefined;
  return {
    text,
    origin: (start, end) => {
      rows ??= rowsOf(edits(), base);
      return parent.origin(placeOf(rows, base, start, "start"), placeOf(rows, base, end, "end"));
    },
  };
}

/** An edit, where it stands in the edited text. */
interface Row extends Edit {
  readonly at: number;
}

function rowsOf(edits: readonly Edit[], base: number): Row[] {
  let grown = 0;
  return edits.map((edit) => {
    const row = { ...edit, at: edit.from - base + grown };
    grown += edit.is - edit.was;
    return row;
  });
}

/** A place inside a rewritten stretch stands for the stretch's nearest border. */
function placeOf(rows: readonly Row[], base: number, place: number, side: "start" | "end"): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = rows[middle];
    if (row !== undefined && (side === "start" ? row.at <= place : row.at < place)) low = middle + 1;
    else high = middle;
  }
  const row = rows[low - 1];
  if (row === undefined) return base + place;
  const past = place - row.at - row.is;
  if (past >= 0) return row.from + row.was + past;
  return side === "start" ? row.from : row.from + row.was;
}

/** A view of an encoded run: whatever is found in it, the whole run goes. */
export function runView(parent: View, text: string, run: Span): View {
  return { text, origin: () => parent.origin(run[0], run[1]) };
}

/** Overlapping spans as one, in order; the first that begins gives its name. */
export function mergeSpans(spans: readonly Found[]): Found[] {
  const sorted = [...spans].sort((a, b) => a.start - b.start || b.end - a.end);
  const merged: Found[] = [];
  for (const span of sorted) {
    const last = merged.at(-1);
    if (last === undefined || span.start >= last.end) merged.push(span);
    else if (span.end > last.end) merged[merged.length - 1] = { ...last, end: span.end };
  }
  return merged;
}
