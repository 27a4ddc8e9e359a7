import { canonical, filesShown, type Json, mostFilesShown } from "@countersign/contract";
import type { Differing } from "./difference-shape.ts";

/** A part of a request that can be looked at by itself. */
export interface Part {
  /** `change/0`, `file/3`, `call`, `before`, `why`: of places alone, so nobody's text is in it. */
  readonly id: string;
  readonly kind: "change" | "file" | "call" | "before" | "why";
  /** What it is of, as the request has it. */
  readonly name: string;
  /** Characters. */
  readonly size: number;
}

/** Of a request, as far as it has parts. */
export interface Parted {
  readonly args?: Json;
  readonly beyond?: Json;
  readonly before?: Json;
}

/** How much of a request was before somebody's eyes. */
export interface Looked {
  /** Parts that were opened or in view. */
  readonly opened: readonly string[];
  /** Of those that say what it does, how many there are, and how many of them were opened. */
  readonly of: number;
  readonly seen: number;
  /** How often this person asked back. */
  readonly asked: number;
}

const fewest = 3;
const longest = 2_000;

/**
 * What there is to look at; what is above the most files has no part, and then the call says it. Where the difference is known, each of its changes says what the request does; else the files
 * that the state before or the call lists, or both as a whole. Pure.
 */
export function partsOf({ args = null, beyond, before }: Parted, effect: Differing | undefined): readonly Part[] {
  const changes =
    effect?.known !== true
      ? []
      : effect.changes.map((change, at): Part => {
          const size =
            change.kind === "text"
              ? change.lines.reduce((sum, line) => sum + line.length, 0)
              : canonical(change.before).length + canonical(change.after).length;
          return { id: `change/${at}`, kind: "change", name: change.at, size };
        });
  const isKnown = effect?.known === true;
  // What no difference tells of stands in the call alone, which then is one more of the changes.
  const isTold = !isKnown || effect.beside.length === 0;
  const files = isKnown ? [] : filesShown({ args, ...(before === undefined ? {} : { before }) });
  return [
    ...changes,
    ...files
      .slice(0, mostFilesShown)
      .map(({ name, value }, at): Part => ({ id: `file/${at}`, kind: "file", name, size: canonical(value).length })),
    {
      id: "call",
      kind: isTold ? "call" : "change",
      name: "the call",
      size: canonical(args).length + canonical(beyond ?? null).length,
    },
    // Where the difference is known it says what of that matters.
    ...(before === undefined || isKnown
      ? []
      : [{ id: "before", kind: "before", name: "what is there now", size: canonical(before).length } as const]),
    { id: "why", kind: "why", name: "why people are asked", size: 0 },
  ];
}

/** The parts without which nobody knows what it does. */
function telling(parts: readonly Part[]): readonly Part[] {
  for (const kind of ["change", "file"] as const) {
    const found = parts.filter((part) => part.kind === kind);
    if (found.length > 0) return found;
  }
  return parts.filter(({ kind }) => kind === "call" || kind === "before");
}

/** What somebody looked at; `all` where all of it was put before them at once. */
export function lookedAt(parts: readonly Part[], opened: readonly string[] | "all", asked: number): Looked {
  const had = new Set(opened === "all" ? parts.map(({ id }) => id) : opened);
  const told = telling(parts);
  return {
    opened: parts.flatMap(({ id }) => (had.has(id) ? [id] : [])),
    of: told.length,
    seen: told.filter(({ id }) => had.has(id)).length,
    asked,
  };
}

/**
 * Whether so much of what a request does was never opened that an approval of it is no decision, however long it lay there:
 * of several parts, or of a long text, more than half. Whoever asked its agent back has dealt with it. Pure.
 */
export function isUnopened(parts: readonly Part[], { of, seen, asked }: Looked): boolean {
  const size = telling(parts).reduce((sum, part) => sum + part.size, 0);
  const isLarge = of >= fewest || size > longest;
  return isLarge && asked === 0 && seen * 2 < of;
}
