import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useReducer, useRef } from "react";
import { gather } from "./gather.ts";

interface Page<Row> {
  readonly rows: readonly Row[];
  readonly next?: string | undefined;
}

/** A listing page by page, whose rows stay where they are when news come. */
export function useRows<Row>(
  key: readonly string[],
  read: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<Row>>,
  idOf: (row: Row) => string,
) {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => read(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
  });
  const [, draw] = useReducer((n: number) => n + 1, 0);
  const name = key.join("\n");
  const shown = useRef({ name, ids: [] as readonly string[], rows: new Map<string, Row>() });
  if (shown.current.name !== name) shown.current = { name, ids: [], rows: new Map() };
  const all = new Map(query.data?.pages.flatMap((page) => page.rows.map((row) => [idOf(row), row])));
  const gathered = gather(shown.current.ids, [...all.values()], shown.current.rows, idOf);
  useEffect(() => {
    shown.current = {
      name,
      ids: gathered.rows.map(idOf),
      rows: new Map(gathered.rows.map((row) => [idOf(row), row])),
    };
  });
  return {
    ...gathered,
    query,
    showNew(): void {
      shown.current = { name, ids: [], rows: new Map() };
      scrollTo({ top: 0 });
      draw();
    },
  };
}
