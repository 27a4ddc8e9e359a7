import { operators } from "./operators.ts";
import { pointsOf } from "./points.ts";
import { parsed, placesOf } from "./syntax.ts";

/** One fault that a file could have. */
export interface Mutant {
  /** From the root of the project. */
  readonly file: string;
  readonly kind: string;
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly column: number;
  /** The line on which it begins, without the spaces around it. */
  readonly code: string;
  readonly from: string;
  readonly to: string;
  /** Where the file notes that a test has been here; undefined where it does not. */
  readonly point: number | undefined;
}

/** Kinds of changes that may leave no TypeScript: one value in the place of another always does. */
const brittle = new Set(["logic", "sign", "removal", "optional", "call", "assignment"]);

/** All mutants of a file that are still TypeScript, each text once. */
export function mutantsOf(file: string, text: string): readonly Mutant[] {
  const program = parsed(text);
  if (program === undefined) throw new Error(`${file} cannot be parsed`);
  const points = pointsOf(program);
  const seen = new Set<string>();
  const found: Mutant[] = [];
  for (const place of placesOf(program))
    for (const operator of operators)
      for (const { kind, start, end, to } of operator(place, text)) {
        const key = `${start} ${end} ${to}`;
        if (seen.has(key) || text.slice(start, end) === to) continue;
        if (brittle.has(kind) && parsed(applied(text, { start, end, to })) === undefined) continue;
        seen.add(key);
        const inner = points
          .filter((point) => point.from <= start && end <= point.to)
          .reduce((least, point) => (point.to - point.from < least.to - least.from ? point : least), everywhere);
        const line = text.slice(0, start).split("\n").length;
        const code = text.split("\n")[line - 1]?.trim() ?? "";
        const column = start - text.lastIndexOf("\n", start - 1);
        const { id: point } = inner;
        found.push({ file, kind, start, end, line, column, code, from: text.slice(start, end), to, point });
      }
  return found.sort((one, other) => one.start - other.start || one.end - other.end);
}

const everywhere = {
  id: undefined as number | undefined,
  from: Number.NEGATIVE_INFINITY,
  to: Number.POSITIVE_INFINITY,
};

export function applied(text: string, { start, end, to }: Pick<Mutant, "start" | "end" | "to">): string {
  return text.slice(0, start) + to + text.slice(end);
}

/** A mutant in one line: what stood there and what stands there instead. */
export function told({ file, line, from, to }: Mutant): string {
  const short = (text: string) => {
    const flat = text.replaceAll(/\s+/g, " ");
    return flat.length > 60 ? `${flat.slice(0, 57)}…` : flat;
  };
  return `${file}:${line}  ${short(from)}  ->  ${to === ";" ? "(removed)" : short(to)}`;
}
