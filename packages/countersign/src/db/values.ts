import { types } from "pg";
import { Problem } from "../floor/problem.ts";

const int8 = 20;
const date = 1082;
const timestamp = 1114;
const timestamptz = 1184;

/** A whole number of 64 bits, refused where a JavaScript number would round it. */
export function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new Problem("bug", "a number in the database is too large to be exact");
  return value;
}

/** PostgreSQL's text of a moment as ISO 8601 in UTC; microseconds survive. `infinity` stays what it is. */
export function parseTimestamp(text: string): string {
  const parts = /^(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d+)?(?:([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?)?$/.exec(text);
  if (parts === null) {
    if (text === "infinity" || text === "-infinity") return text;
    throw new Problem("bug", "a time in the database has a form that is not known", {
      help: "the server's `datestyle` must be ISO",
    });
  }
  const [, day, time, fraction = "", sign, hours = "0", minutes = "0", seconds = "0"] = parts;
  const offsetMs = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
  if (offsetMs === 0) return `${day}T${time}${fraction}Z`;
  const local = Date.parse(`${day}T${time}Z`);
  const utc = new Date(sign === "-" ? local + offsetMs : local - offsetMs);
  return `${utc.toISOString().slice(0, 19)}${fraction}Z`;
}

const parsers: Readonly<Record<number, (text: string) => unknown>> = {
  [int8]: parseInt8,
  [timestamp]: parseTimestamp,
  [timestamptz]: parseTimestamp,
  [date]: (text) => text,
};

/** How values come back: exact numbers, times and days as text, the rest as the driver has it. */
export const valueTypes: { getTypeParser: typeof types.getTypeParser } = {
  getTypeParser: ((oid: number, format?: "text" | "binary") =>
    (format ?? "text") === "text" && parsers[oid] !== undefined
      ? parsers[oid]
      : types.getTypeParser(oid, format ?? "text")) as typeof types.getTypeParser,
};
