import type { ReactNode } from "react";
import { useAddress } from "../address.tsx";
import { NextPage } from "../parts/next-page.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { ExportButtons } from "./export-buttons.tsx";
import type { Column } from "./export-rows.ts";
import { Rows } from "./rows.tsx";
import { SearchTabs } from "./search-bar.tsx";
import type { useRows } from "./use-rows.ts";
import { Views } from "./views.tsx";

interface Props<Row> {
  readonly of: "runs" | "actions";
  readonly trouble?: string | undefined;
  readonly found: ReturnType<typeof useRows<Row>>;
  readonly idOf: (row: Row) => string;
  readonly to: (row: Row) => string;
  readonly columns: readonly Column<Row>[];
  readonly row: (row: Row) => ReactNode;
  /** What stands beside the list, about the row that is looked at. */
  readonly peek: (id: string) => ReactNode;
  readonly empty: ReactNode;
  /** What was understood, above the rows. */
  readonly note?: ReactNode;
}

/** A searched list with what it says of the row that is looked at beside it. */
export function ListPage<Row>({ of, trouble, found, idOf, to, columns, row, peek, empty, note }: Props<Row>) {
  const { query: address, put } = useAddress();
  const { rows, waiting, query, showNew } = found;
  const chosen = address.get("peek");
  return (
    <>
      <h1>{of === "runs" ? "Runs" : "Actions"}</h1>
      <SearchTabs of={of} trouble={trouble} />
      <Views of="/runs" />
      {note}
      {query.error === null ? null : <Trouble of={query.error} again={() => void query.refetch()} />}
      {trouble !== undefined || query.isPending ? null : rows.length === 0 ? (
        query.hasNextPage ? (
          <div className="empty">
            <p>Nothing among those that were looked through so far.</p>
            <NextPage of={query} words="Look at older ones" busy="Looking …" />
          </div>
        ) : (
          empty
        )
      ) : (
        <div className={chosen === null ? "pair" : "pair open"}>
          <div className="list">
            <div className="new" role="status">
              {waiting === 0 ? null : (
                <button type="button" onClick={showNew}>
                  {waiting} new
                </button>
              )}
            </div>
            <Rows rows={rows} idOf={idOf} to={to} label={of}>
              {row}
            </Rows>
            <div className="deeds">
              {query.hasNextPage ? (
                <NextPage of={query} words="Older ones" busy="Reading …" />
              ) : (
                <span className="quiet">These are all.</span>
              )}
              <ExportButtons name={of} columns={columns} rows={rows} />
            </div>
          </div>
          <section className="detail" aria-label="The row that is looked at">
            {chosen === null ? (
              <p className="quiet">
                <kbd>j</kbd> <kbd>k</kbd> walk the list, and what they come to is shown here. <kbd>Enter</kbd> opens it.
              </p>
            ) : (
              <>
                <button type="button" className="quiet back" onClick={() => put({ peek: undefined })}>
                  Back to the list
                </button>
                {peek(chosen)}
              </>
            )}
          </section>
        </div>
      )}
    </>
  );
}
