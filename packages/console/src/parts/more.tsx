import { Ago } from "./ago.tsx";
import { count } from "./machine.tsx";
import { NextPage } from "./next-page.tsx";
import { Send } from "./send.tsx";
import type { usePages } from "./use-pages.ts";

/** Where a listing has more than was read, or than is read again by itself: what these are, and the way to the others. */
export function More({
  of: { rows, isRenewed, query },
  words,
  these,
}: {
  readonly of: Pick<ReturnType<typeof usePages>, "rows" | "isRenewed" | "query">;
  readonly words: string;
  readonly these: string;
}) {
  if (!query.hasNextPage && isRenewed) return null;
  return (
    <div className="deeds">
      {query.hasNextPage ? <NextPage of={query} words={words} busy="Reading …" /> : null}
      {isRenewed ? null : (
        <Send type="button" isSending={query.isFetching} onClick={() => void query.refetch()}>
          Read these again
        </Send>
      )}
      <span className="quiet">
        These {count(rows.length)} are {query.hasNextPage ? `the ${these}` : "all"}.
        {isRenewed ? null : (
          <>
            {" "}
            So many are not read again by themselves; the last of them came{" "}
            <Ago at={new Date(query.dataUpdatedAt).toISOString()} />.
          </>
        )}
      </span>
    </div>
  );
}
