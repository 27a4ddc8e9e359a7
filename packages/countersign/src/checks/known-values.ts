import type { Secret } from "../floor/secret.ts";
import { fold } from "./fold.ts";

/** The values that must never be seen: those the secrets room has handed out. `revision` rises with each change. */
export interface KnownValues {
  readonly revision: number;
  values(): Iterable<Secret>;
}

export const noKnownValues: KnownValues = { revision: 0, values: () => [] };

/** Shorter values cannot be told from ordinary text; the secrets room refuses to store them. */
export const shortestKnown = 8;

/** One way of writing a value. `widens` says that it is part of a longer encoded run, which goes as a whole. */
export interface Needle {
  readonly text: string;
  readonly widens: boolean;
}

/** Every way of writing a value that is searched for; escapes and nested encodings are undone before the search. */
export function needlesOf(value: string): Needle[] {
  const needles = new Map<string, Needle>();
  const add = (text: string, widens: boolean): void => {
    const compact = fold(text).replace(/[\s]/g, "");
    if (compact.length >= shortestKnown && !needles.has(compact)) needles.set(compact, { text: compact, widens });
  };
  for (const part of partsOf(value)) {
    const bytes = Buffer.from(part, "utf8");
    add(part, false);
    add(bytes.toString("latin1"), false);
    add([...part].reverse().join(""), false);
    add(bytes.toString("hex"), true);
    add(bytes.toString("hex").toUpperCase(), true);
    for (const text of base64Forms(bytes)) add(text, true);
  }
  return [...needles.values()];
}

/** The whole value, and the long lines of one that has several: a key echoed with other line ends is still that key. */
function partsOf(value: string): string[] {
  const lines = value.split(/\r?\n|\\n/).filter((line) => line.trim().length >= 24 && !line.includes("-----"));
  return lines.length > 1 ? [value, ...lines] : [value];
}

/** The characters that are the same whatever stands before and after, at each of the three alignments, both alphabets. */
function base64Forms(bytes: Buffer): string[] {
  const forms: string[] = [];
  for (let lead = 0; lead < 3; lead++) {
    const text = Buffer.concat([Buffer.alloc(lead), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    const first = Math.ceil((lead * 8) / 6);
    const last = Math.floor(((lead + bytes.length) * 8) / 6);
    const stable = text.slice(first, last);
    forms.push(stable, stable.replaceAll("+", "-").replaceAll("/", "_"));
  }
  return forms;
}
