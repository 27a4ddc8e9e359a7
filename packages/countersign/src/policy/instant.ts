// Of the last text alone: one decision reads its own time for each policy that waits, and once for each set.
let last = { text: "", ms: Number.NaN, iso: "" };

function read(text: string): typeof last {
  if (last.text === text) return last;
  const ms = Date.parse(text);
  last = { text, ms, iso: Number.isNaN(ms) ? "" : new Date(ms).toISOString() };
  return last;
}

/** Milliseconds since the epoch; NaN where the text is no instant. */
export function instantMs(text: string): number {
  return read(text).ms;
}

/** The same instant in UTC, to the millisecond; empty where the text is no instant. */
export function instantText(text: string): string {
  return read(text).iso;
}
