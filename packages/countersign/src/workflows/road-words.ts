import type { Money } from "./quantity.ts";

const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
] as const;

/** As `durationMs` reads it: the largest unit that says it exactly. */
export function durationText(ms: number): string {
  const [unit, size] = units.find(([, one]) => ms % one === 0) ?? ["s", 1_000];
  return `${ms / size}${unit}`;
}

export function shareText(share: number): string {
  return `${Number((share * 100).toFixed(4))}%`;
}

export function moneyText({ amountMicros, currency }: Money): string {
  const whole = Math.floor(amountMicros / 1_000_000);
  const fraction = String(amountMicros % 1_000_000)
    .padStart(6, "0")
    .replace(/0+$/, "");
  return `${whole}${fraction === "" ? "" : `.${fraction}`} ${currency}`;
}

/** `a`, `b` and `c`. */
export function all(items: readonly string[]): string {
  if (items.length < 2) return items[0] ?? "";
  return `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "”": "\\”", "\n": "\\n", "\r": "\\r" };
const meant: Readonly<Record<string, string>> = { n: "\n", r: "\r" };

/** Words of people: in quotes, on one line. */
export function quoted(text: string): string {
  return `“${text.replace(/[\\”\n\r]/g, (one) => escapes[one] ?? one)}”`;
}

/** A name as files write it. */
export function named(text: string): string {
  return /[`\n\r«»]/.test(text) || text === "" ? quoted(text) : `\`${text}\``;
}

/** A text whose names and quotes are taken out, so that what is left is only its form: `«0» answers for it`. */
export interface Form {
  readonly text: string;
  readonly words: readonly string[];
}

const token = /`([^`]*)`|“((?:[^”\\]|\\[\s\S])*)”/g;

export function formOf(text: string): Form {
  const words: string[] = [];
  const form = text.replace(token, (_, name?: string, quote?: string) => {
    words.push(name ?? (quote ?? "").replace(/\\([\s\S])/g, (_all, one: string) => meant[one] ?? one));
    return `«${words.length - 1}»`;
  });
  return { text: form, words };
}

/** What stood at a place of the form. */
export function wordsAt(place: string | undefined, { words }: Form): readonly string[] {
  return [...(place ?? "").matchAll(/«(\d+)»/g)].map(([, at]) => words[Number(at)] ?? "");
}

/** A text in which every taken word stands again, to be shown. */
export function filled(text: string, { words }: Form): string {
  return text.replace(/«(\d+)»/g, (_, at: string) => named(words[Number(at)] ?? ""));
}
