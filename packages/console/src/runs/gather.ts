/** What a list shows, in its order, and how many new rows wait above it. */
export interface Gathered<Row> {
  readonly rows: readonly Row[];
  readonly waiting: number;
}

/**
 * Rows stay where they are when news come: each is shown as it is now, older ones are added below, and new ones wait.
 * `shown` are the ids in the order of the list; none yet: everything is shown.
 */
export function gather<Row>(
  shown: readonly string[],
  fresh: readonly Row[],
  before: ReadonlyMap<string, Row>,
  idOf: (row: Row) => string,
): Gathered<Row> {
  if (shown.length === 0) return { rows: fresh, waiting: 0 };
  const now = new Map(fresh.map((row) => [idOf(row), row]));
  const known = new Set(shown);
  const kept = shown.flatMap((id) => {
    const row = now.get(id) ?? before.get(id);
    return row === undefined ? [] : [row];
  });
  const last = fresh.findLastIndex((row) => known.has(idOf(row)));
  const others = fresh.map((row, at) => ({ row, at })).filter(({ row }) => !known.has(idOf(row)));
  const below = others.filter(({ at }) => at > last).map(({ row }) => row);
  return { rows: [...kept, ...below], waiting: others.length - below.length };
}
