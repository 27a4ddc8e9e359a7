import type { Line } from "./shape.ts";
import type { Row } from "./use-inbox.ts";

/** The rows that were shown in the places that they had, with what is now known of them; what is new stands below them. */
export function placed(before: readonly Row[], lines: readonly Line[]): readonly Row[] {
  const now = new Map(lines.map((line) => [line.id, line]));
  const shown = new Set(before.map((row) => row.line.id));
  const stay = before.map(({ line, isNew }) => ({ line: now.get(line.id) ?? line, isNew, ended: !now.has(line.id) }));
  const isFirst = before.length === 0;
  const come = lines.filter((line) => !shown.has(line.id)).map((line) => ({ line, isNew: !isFirst, ended: false }));
  return [...stay, ...come];
}
