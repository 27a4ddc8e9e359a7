type Cell = string | number | boolean | null;

export interface Column<T> {
  readonly name: string;
  readonly of: (row: T) => Cell;
}

/** Cells that a spreadsheet would take for a formula. */
const formula = /^[=+\-@\t\r]/;

/** RFC 4180; what begins like a formula gets an apostrophe in front. */
export function csvOf<T>(columns: readonly Column<T>[], rows: readonly T[]): string {
  const cell = (value: Cell): string => {
    const plain = value === null ? "" : String(value);
    const text = typeof value === "string" && formula.test(plain) ? `'${plain}` : plain;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = [columns.map(({ name }) => name), ...rows.map((row) => columns.map(({ of }) => of(row)))];
  return lines.map((line) => `${line.map(cell).join(",")}\r\n`).join("");
}

/** One JSON object a line. */
export function linesOf<T>(columns: readonly Column<T>[], rows: readonly T[]): string {
  return rows
    .map((row) => `${JSON.stringify(Object.fromEntries(columns.map(({ name, of }) => [name, of(row)])))}\n`)
    .join("");
}

/** Saves exactly the rows that are shown, in their order, times in UTC. */
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
  const save = (ending: string, type: string, text: string): void => {
    const url = URL.createObjectURL(new Blob([text], { type }));
    const link = document.createElement("a");
    link.href = url;
    link.download = `${name}-${new Date().toISOString().slice(0, 16).replaceAll(":", "")}Z.${ending}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  };
  return (
    <p className="save">
      <small>Save these {rows.length}:</small>{" "}
      <button type="button" className="quiet" onClick={() => save("csv", "text/csv", csvOf(columns, rows))}>
        CSV
      </button>
      <button
        type="button"
        className="quiet"
        onClick={() => save("jsonl", "application/x-ndjson", linesOf(columns, rows))}
      >
        JSONL
      </button>
    </p>
  );
}
