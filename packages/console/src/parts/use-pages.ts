import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect } from "react";

interface Page<Row> {
  readonly rows: readonly Row[];
  readonly next?: string | undefined;
}

/** More rows than this come when somebody asks for them. */
export const pageSize = 200;

/**
 * A listing as the server cuts it, and one row of it by its id: where that is not among those that were read, the pages
 * after are, until it must have come. The listing is in the order of its ids.
 */
export function usePages<Row extends { readonly id: string }>(
  key: readonly string[],
  read: (cursor: string | undefined) => Promise<Page<Row>>,
  {
    wanted,
    oldestFirst,
    isMoving = () => false,
  }: {
    readonly wanted: string | undefined;
    readonly oldestFirst: boolean;
    /** It becomes something else within seconds. */
    readonly isMoving?: (row: Row) => boolean;
  },
) {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => read(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
    refetchInterval: ({ state }) => (state.data?.pages.some((page) => page.rows.some(isMoving)) ? 2_000 : 15_000),
  });
  const { data, error, hasNextPage, isFetching, fetchNextPage } = query;
  const rows = data?.pages.flatMap((page) => page.rows) ?? [];
  const open = rows.find(({ id }) => id === wanted);
  const last = rows.at(-1)?.id;
  const mayCome =
    hasNextPage &&
    wanted !== undefined &&
    open === undefined &&
    last !== undefined &&
    (oldestFirst ? last < wanted : last > wanted);
  const isDue = mayCome && !isFetching && error === null;
  useEffect(() => {
    if (isDue) void fetchNextPage();
  }, [isDue, fetchNextPage]);
  return { rows, open, mayCome, query };
}
