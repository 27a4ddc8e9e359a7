import { seen } from "@countersign/contract";
import { visible } from "../../catalog/visible.ts";

/** Nothing hides: one character by its code as elsewhere here, padding by its length, letters that pass for others by name. */
function shown(text: string): string {
  const pieces = seen(text).map(({ text: said, mark, replaces }) => {
    if (replaces === undefined) return mark === undefined ? visible(said) : `${visible(said)}⟨${mark}⟩`;
    const coded = visible(replaces);
    return [...replaces].length === 1 && coded !== replaces ? coded : said;
  });
  return pieces.join("");
}

/** Text of strangers for a terminal: one line, and no character that moves, hides or colours others. */
export function line(text: string, most = 2000): string {
  const cut = text.length > most ? `${text.slice(0, most).toWellFormed()}…` : text;
  return shown(cut.replace(/\s+/g, " ").trim());
}

/** The same with its lines kept. What is left out is said; without limits nothing is. */
export function lines(
  text: string,
  most = Number.POSITIVE_INFINITY,
  mostWide = Number.POSITIVE_INFINITY,
): readonly string[] {
  const all = text.replaceAll("\r\n", "\n").split("\n");
  const told = all.slice(0, most).map((one) => {
    const rest = one.length - mostWide;
    const cut = rest > 0 ? `${one.slice(0, mostWide).toWellFormed()}… (${rest} more)` : one;
    return shown(cut.replaceAll("\t", "  "));
  });
  return all.length > most ? [...told, `… ${all.length - most} more lines`] : told;
}

/** JSON that means the same and shows nothing but plain characters: what would move a cursor is written as an escape. */
export function json(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(/[\u007f-\u009f\u00ad\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu, (character) =>
    [...Array(character.length).keys()].map((at) => escapeAt(character, at)).join(""),
  );
}

function escapeAt(text: string, at: number): string {
  return `\\u${text.charCodeAt(at).toString(16).padStart(4, "0")}`;
}

export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
}

const plain = (text: string): string => text;
const plainPaint: Paint = { bold: plain, dim: plain, good: plain, bad: plain, warn: plain };

/** Colours for a terminal that wants them (https://no-color.org). */
export function paintFor(isTty: boolean, env: Readonly<Record<string, string | undefined>>): Paint {
  if (!isTty || (env.NO_COLOR ?? "") !== "" || env.TERM === "dumb") return plainPaint;
  const code = (on: number, off: number) => (text: string) => `\x1b[${on}m${text}\x1b[${off}m`;
  return { bold: code(1, 22), dim: code(2, 22), good: code(32, 39), bad: code(31, 39), warn: code(33, 39) };
}

export function stateMark(paint: Paint, state: string): string {
  if (state === "done") return paint.good(state);
  if (state === "refused" || state === "failed" || state === "unknown") return paint.bad(state);
  return state === "held" ? paint.warn(state) : state;
}

/** Columns as wide as their widest cell; the last one runs on. Cells are text of strangers. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], paint: Paint): readonly string[] {
  const cells = rows.map((row) => row.map((cell) => line(cell, 300)));
  const widths = head.map((name, at) => Math.max(name.length, ...cells.map((row) => [...(row[at] ?? "")].length)));
  const pad = (row: readonly string[]): string =>
    row
      .map((cell, at) => (at === row.length - 1 ? cell : cell + " ".repeat((widths[at] ?? 0) - [...cell].length)))
      .join("  ")
      .trimEnd();
  return [paint.dim(pad(head)), ...cells.map(pad)];
}
