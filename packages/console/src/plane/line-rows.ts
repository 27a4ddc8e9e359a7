import { diffLines } from "diff";

export interface LineRow {
  readonly kind: "gone" | "new" | "same" | "left out";
  readonly text: string;
}

/** Lines that differ with a little around them; how many were left out between is said. */
export function lineRows(before: string, after: string, around = 3): readonly LineRow[] {
  const all = diffLines(before, after).flatMap(({ value, added, removed }) => {
    const kind = added ? "new" : removed ? "gone" : "same";
    return value
      .replace(/\n$/, "")
      .split("\n")
      .map((text): LineRow => ({ kind, text }));
  });
  const isNear = (at: number): boolean =>
    all.slice(Math.max(0, at - around), at + around + 1).some(({ kind }) => kind !== "same");
  const rows: LineRow[] = [];
  let skipped = 0;
  const say = (): void => {
    if (skipped > 0) rows.push({ kind: "left out", text: `${skipped} lines as before` });
    skipped = 0;
  };
  for (const [at, row] of all.entries()) {
    if (!isNear(at)) skipped++;
    else {
      say();
      rows.push(row);
    }
  }
  say();
  return rows;
}
