import type { Line } from "./shape.ts";
import type { Row } from "./use-inbox.ts";

export type Order = "risk" | "time";

/** What the server gave: one page of lines, and whether there are more behind its last one. */
export interface Page {
  readonly lines: readonly Line[];
  readonly order: Order;
  readonly goesOn: boolean;
}

/** The rows that were shown in the places that they had, with what is now known of them; what is new stands below them. */
export function placed(before: readonly Row[], { lines, order, goesOn }: Page): readonly Row[] {
  const now = new Map(lines.map((line) => [line.id, line]));
  const shown = new Set(before.map((row) => row.line.id));
  const last = lines.at(-1);
  const stay = before.map(({ line: was, isNew }): Row => {
    const line = now.get(was.id);
    if (line !== undefined) return { line, isNew, ended: false, isBehind: false };
    // What others pushed off this page has not ended by that.
    const isBehind = goesOn && (last === undefined || compareLines(order, was, last) > 0);
    return { line: was, isNew, ended: !isBehind, isBehind };
  });
  const isFirst = before.length === 0;
  const come = lines.filter((line) => !shown.has(line.id));
  return [...stay, ...come.map((line): Row => ({ line, isNew: !isFirst, ended: false, isBehind: false }))];
}

const levels = ["low", "medium", "high"];

/** As the server puts them in order: negative where one stands before the other. */
export function compareLines(order: Order, one: Line, other: Line): number {
  const ranks = order === "risk" ? rankOf(other) - rankOf(one) : 0;
  if (ranks !== 0) return ranks;
  const [a, b] = [momentOf(order, one), momentOf(order, other)];
  if (a !== b) return a < b ? -1 : 1;
  return one.id < other.id ? -1 : one.id > other.id ? 1 : 0;
}

function rankOf({ risk }: Line): number {
  return risk === undefined ? 2 : levels.indexOf(risk.level);
}

/** To be compared as text: microseconds matter, and what has no end comes last. */
function momentOf(order: Order, { openedAt, expiresAt }: Line): string {
  const at = order === "time" ? openedAt : expiresAt;
  if (at === undefined) return "~";
  const [whole = "", fraction = ""] = at.replace("Z", "").split(".");
  return `${whole}.${fraction.padEnd(6, "0")}`;
}
