import { saveText } from "./download.ts";
import { type Column, toCsv, toJsonLines } from "./export-rows.ts";

/** Saves exactly the rows that are shown, in their order; times in UTC. */
export function ExportButtons<Row>({
  name,
  columns,
  rows,
}: {
  readonly name: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
}) {
  const file = `${name}-${new Date().toISOString().slice(0, 16).replaceAll(":", "")}Z`;
  return (
    <>
      <button type="button" onClick={() => saveText(`${file}.csv`, "text/csv", toCsv(columns, rows))}>
        Save as CSV
      </button>
      <button
        type="button"
        onClick={() => saveText(`${file}.jsonl`, "application/x-ndjson", toJsonLines(columns, rows))}
      >
        Save as JSONL
      </button>
    </>
  );
}
