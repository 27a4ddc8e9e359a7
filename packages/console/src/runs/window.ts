/** Rows that are drawn, of many: `from` inclusive, `to` exclusive. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** More rows than this are drawn only where they can be seen. */
export const mostDrawn = 300;
const beyond = 20;

/** Which of `count` rows of one height can be seen, with some beyond either end. Lengths in pixels; `top` is above the list's start where negative. */
export function seenRows(count: number, rowPx: number, top: number, heightPx: number): Span {
  if (count <= mostDrawn) return { from: 0, to: count };
  const first = Math.floor(top / rowPx) - beyond;
  const from = Math.min(Math.max(0, first), Math.max(0, count - 1));
  const to = Math.min(count, Math.max(from + 1, Math.ceil((top + heightPx) / rowPx) + beyond));
  return { from, to };
}
