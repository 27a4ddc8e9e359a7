import { saveText } from "../runs/download.ts";
import { type Column, toCsv, toJsonLines } from "../runs/export-rows.ts";

export type { Column };

/** Saves exactly the rows that are shown, in their order, times in UTC; nothing where there are none. */
export function Save<T>({
  name,
  columns,
  rows,
}: {
  readonly name: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
}) {
  if (rows.length === 0) return null;
  const file = `${name}-${new Date().toISOString().slice(0, 16).replaceAll(":", "")}Z`;
  return (
    <p className="save">
      <small>Save {rows.length === 1 ? "this one" : `these ${rows.length}`} as</small>
      <button type="button" className="quiet" onClick={() => saveText(`${file}.csv`, "text/csv", toCsv(columns, rows))}>
        CSV
      </button>
      <button
        type="button"
        className="quiet"
        onClick={() => saveText(`${file}.jsonl`, "application/x-ndjson", toJsonLines(columns, rows))}
      >
        JSONL
      </button>
    </p>
  );
}
