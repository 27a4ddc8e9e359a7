import { useReducer, useRef } from "react";

export interface Placed<Item> {
  /** As it is known now. */
  readonly item: Item;
  /** As it was when it got its place. */
  readonly first: Item;
  /** It came since the list was put in order. */
  readonly isNew: boolean;
  /** It is in the list no more; it is shown as it was known. */
  readonly isGone: boolean;
}

/** What was shown in the places that it had, with what is now known of it; what is new stands below. */
export function keptOrder<Item>(
  before: readonly Placed<Item>[],
  items: readonly Item[],
  idOf: (item: Item) => string,
): readonly Placed<Item>[] {
  const now = new Map(items.map((item) => [idOf(item), item]));
  const known = new Set(before.map(({ item }) => idOf(item)));
  const stay = before.map((row): Placed<Item> => {
    const item = now.get(idOf(row.item));
    return item === undefined ? { ...row, isGone: true } : { ...row, item, isGone: false };
  });
  const come = items.filter((item) => !known.has(idOf(item)));
  return [...stay, ...come.map((item) => ({ item, first: item, isNew: before.length > 0, isGone: false }))];
}

/**
 * A list that its order is not taken from under a pointer or the keyboard: it is put in order when it is first shown, and
 * then whenever somebody asks for it.
 */
export function useKeptOrder<Item>(items: readonly Item[], idOf: (item: Item) => string) {
  const [times, sort] = useReducer((count: number) => count + 1, 0);
  const kept = useRef<{ readonly times: number; readonly rows: readonly Placed<Item>[] }>({ times, rows: [] });
  const rows = keptOrder(kept.current.times === times ? kept.current.rows : [], items, idOf);
  kept.current = { times, rows };
  const isInOrder = rows.length === items.length && rows.every(({ item }, at) => item === items[at]);
  return { rows, isInOrder, sort };
}
