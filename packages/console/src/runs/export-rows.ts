/** A column of an export: its name, and what a row says in it. */
export interface Column<Row> {
  readonly name: string;
  readonly of: (row: Row) => string | number | boolean | null;
}

/** Cells that a spreadsheet would take for a formula. */
const formula = /^[=+\-@\t\r]/;

/** RFC 4180. What begins like a formula gets an apostrophe in front: a spreadsheet shows it and computes nothing. */
export function toCsv<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const lines = rows.map((row) => columns.map(({ of }) => cell(of(row))));
  return [columns.map(({ name }) => cell(name)), ...lines].map((line) => `${line.join(",")}\r\n`).join("");
}

function cell(value: string | number | boolean | null): string {
  if (typeof value !== "string") return value === null ? "" : String(value);
  const safe = formula.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** One JSON object a line, each value as it is. */
export function toJsonLines<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  return rows
    .map((row) => `${JSON.stringify(Object.fromEntries(columns.map(({ name, of }) => [name, of(row)])))}\n`)
    .join("");
}

/** A moment in UTC, to the millisecond. */
export function utc(at: string): string {
  return new Date(at).toISOString();
}
