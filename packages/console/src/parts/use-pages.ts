import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { beside } from "./beside.ts";

interface Page<Row> {
  readonly rows: readonly Row[];
  readonly next?: string | undefined;
}

/** More rows than this come when somebody asks for them. */
const pageSize = 200;
/** More pages than these are not read again by themselves, for whatever reason: each reading is one of all of them. */
const mostRenewed = 3;
const [soonMs, laterMs] = [2_000, 15_000];

/**
 * A listing as the server cuts it, and one row of it by its id: where that is not among those that were read, it is
 * asked for by itself. The listing is in the order of its ids.
 */
export function usePages<Row extends { readonly id: string }>(
  key: readonly string[],
  read: (from: { readonly cursor?: string; readonly limit: number }) => Promise<Page<Row>>,
  {
    kind,
    wanted,
    oldestFirst,
    isMoving = () => false,
  }: {
    /** What its ids begin with. */
    readonly kind: string;
    readonly wanted: string | undefined;
    readonly oldestFirst: boolean;
    /** It becomes something else within seconds. */
    readonly isMoving?: (row: Row) => boolean;
  },
) {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => read({ limit: pageSize, ...(pageParam === undefined ? {} : { cursor: pageParam }) }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
    enabled: ({ state }) => (state.data?.pages.length ?? 0) <= mostRenewed,
    refetchInterval: ({ state }) =>
      state.data?.pages.some((page) => page.rows.some(isMoving)) === true ? soonMs : laterMs,
  });
  const pages = query.data?.pages ?? [];
  const rows = pages.flatMap((page) => page.rows);
  const isRenewed = pages.length <= mostRenewed;
  const listed = rows.find(({ id }) => id === wanted);
  const cursor = wanted === undefined ? undefined : beside(kind, wanted, oldestFirst ? -1 : 1);
  const isAlone = pages.length > 0 && cursor !== undefined && (listed === undefined || !isRenewed);
  const one = useQuery({
    queryKey: [...key, "one", wanted],
    queryFn: async () => {
      const page = await read({ limit: 1, ...(cursor === undefined ? {} : { cursor }) });
      return page.rows.find(({ id }) => id === wanted) ?? null;
    },
    enabled: isAlone,
    refetchInterval: ({ state }) =>
      state.data !== undefined && state.data !== null && isMoving(state.data) ? soonMs : laterMs,
  });
  // What others push off the pages that were read stays as it was known, until it was asked for by itself.
  const last = useRef<Row>(undefined);
  const known = listed ?? (isAlone && last.current?.id === wanted ? last.current : undefined);
  const open = isAlone && one.data !== undefined ? (one.data ?? undefined) : known;
  last.current = open;
  const error = query.error ?? (isAlone ? one.error : null);
  const mayCome = isAlone && open === undefined && one.data === undefined && error === null;
  const isGone = wanted !== undefined && open === undefined && pages.length > 0 && !mayCome && error === null;
  const again = (): void => {
    void query.refetch();
    if (isAlone) void one.refetch();
  };
  return { rows, open, mayCome, isGone, isRenewed, error, again, query };
}
