import { count } from "./machine.tsx";
import type { usePages } from "./use-pages.ts";

/** Where a listing has more than was read: what these are, and the way to the next ones. */
export function More({
  of: { rows, query },
  words,
  these,
}: {
  readonly of: Pick<ReturnType<typeof usePages>, "rows" | "query">;
  readonly words: string;
  readonly these: string;
}) {
  if (!query.hasNextPage) return null;
  return (
    <div className="deeds">
      <button type="button" disabled={query.isFetching} onClick={() => void query.fetchNextPage()}>
        {query.isFetchingNextPage ? "Reading …" : words}
      </button>
      <span className="quiet">
        These {count(rows.length)} are the {these}.
      </span>
    </div>
  );
}
