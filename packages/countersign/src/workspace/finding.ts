import { nearest } from "./nearest.ts";

/** Where in a file, counted from one. Columns count UTF-16 units, as editors do. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export type Path = readonly (string | number)[];

/** One thing that is wrong with a workspace file. An `error` stops everything; a `warning` stops nothing. */
export interface WorkspaceProblem extends Place {
  readonly file: string;
  /** JSON pointer into the file; empty for the whole. */
  readonly path: string;
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly expected?: string;
  /** The name that was probably meant. */
  readonly nearest?: string;
  readonly help?: string;
}

export interface Complaint {
  readonly message: string;
  readonly expected?: string | undefined;
  readonly nearest?: string | undefined;
  /** A name that is used, and those it could have been: `expected` and `nearest` are made of them. */
  readonly among?: { readonly kind: string; readonly name: string; readonly known: Iterable<string> };
  readonly help?: string | undefined;
  readonly severity?: "error" | "warning" | undefined;
}

/** A problem without the members that have nothing to say. */
export function problemAt(file: string, place: Place, path: Path, complaint: Complaint): WorkspaceProblem {
  const known = complaint.among === undefined ? [] : [...complaint.among.known];
  const expected = complaint.expected ?? oneOf(known, complaint.among?.kind);
  const meant = complaint.nearest ?? nearest(complaint.among?.name ?? "", known);
  return {
    file,
    line: place.line,
    column: place.column,
    path: pointer(path),
    severity: complaint.severity ?? "error",
    message: oneLine(complaint.message),
    ...(expected === undefined ? {} : { expected: oneLine(expected) }),
    ...(meant === undefined ? {} : { nearest: quoted(meant).slice(1, -1) }),
    ...(complaint.help === undefined ? {} : { help: oneLine(complaint.help) }),
  };
}

export function pointer(path: Path): string {
  return path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** A name that is used and not known. */
export function unknownName(kind: string, name: string, known: Iterable<string>, help?: string): Complaint {
  return { message: `there is no ${kind} ${quoted(name)}`, among: { kind, name, known }, help };
}

/** `one of …`, at most eight of them. */
export function oneOf(names: readonly string[], kind = "value"): string | undefined {
  if (names.length === 0) return undefined;
  const shown = names.slice(0, 8).map(quoted).join(", ");
  const more = names.length > 8 ? ` and ${names.length - 8} more` : "";
  return names.length === 1 ? `the ${kind} ${shown}` : `one of ${shown}${more}`;
}

/** The user's own text in backticks, short and on one line, whatever it is. */
export function quoted(text: string): string {
  const cut = text.length > 60 ? `${text.slice(0, 59)}…` : text;
  return `\`${cut.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}`]/gu, "�")}\``;
}

/** Names of a file can stand in what is said of another: none of them breaks the line. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, "\u{fffd}");
}

/** One line for a terminal: `file:line:column: severity: message; expected …; what helps; did you mean …?` */
export function sentence(problem: WorkspaceProblem): string {
  const parts = [`${problem.file}:${problem.line}:${problem.column}: ${problem.severity}: ${problem.message}`];
  if (problem.expected !== undefined) parts.push(`expected ${problem.expected}`);
  if (problem.help !== undefined) parts.push(problem.help);
  if (problem.nearest !== undefined) parts.push(`did you mean \`${problem.nearest}\`?`);
  return parts.join("; ");
}
