import { canonical, type Json } from "@countersign/contract";

/** What is known of the effect of a call, as far as its shape follows from it. */
export type Differing =
  | { readonly known: true; readonly changes: readonly Changing[]; readonly beside: readonly string[] }
  | { readonly known: false };

type Changing =
  | {
      readonly kind: "text";
      readonly at: string;
      readonly added: number;
      readonly removed: number;
      readonly lines: readonly string[];
    }
  | { readonly kind: "value"; readonly at: string; readonly before: Json; readonly after: Json };

/**
 * The shape of a difference, in words: what it changes, whether it adds, removes or replaces, and how much of it, in powers
 * of ten. Two calls of one shape differ in what they say, not in how much they do. Pure.
 */
export function differenceShape(effect: Differing, args: Json): readonly string[] {
  // Of what is not known nothing but the size of the call is there to go by.
  if (!effect.known) return [`a difference that is not known, by ${upTo(canonical(args).length, 1_000)} characters`];
  const { changes, beside } = effect;
  return [
    ...(changes.length === 0 ? ["no change that is known"] : changes.map(shapeOf)),
    ...(beside.length === 0 ? [] : [`beside it ${beside.join(", ")}`]),
  ];
}

function shapeOf(change: Changing): string {
  if (change.kind === "value") return `${change.at} ${valueShape(change.before, change.after)}`;
  const { at, added, removed, lines } = change;
  const told = lines.filter((line) => /^[-+] /.test(line));
  const characters = told.reduce((sum, line) => sum + line.length - 2, 0);
  // Lines that stay are told around each change; where there are none, the whole text goes or comes.
  const isWhole = told.length === lines.length;
  const whole = !isWhole ? "" : removed === 0 ? ", where nothing was" : ", and nothing that was there stays";
  return `${at}: ${upTo(added)} lines added, ${upTo(removed)} removed, ${upTo(characters, 1_000)} characters${whole}`;
}

function valueShape(before: Json, after: Json): string {
  if (typeof before === "number" && typeof after === "number")
    return `${after > before ? "raised" : "lowered"} by ${upTo(Math.abs(after - before))}`;
  if (typeof before === "boolean" && typeof after === "boolean") return `set to ${after}`;
  const sizes = [before, after].map((value) => (isNothing(value) ? 0 : canonical(value).length));
  const most = upTo(Math.max(...sizes), 100);
  if (sizes[0] === 0) return `filled with a ${nameOf(after)}, ${most} characters`;
  if (sizes[1] === 0) return `emptied of a ${nameOf(before)}, ${most} characters`;
  return `replaced, a ${nameOf(before)} by a ${nameOf(after)}, ${most} characters`;
}

function isNothing(value: Json): boolean {
  if (value === null || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function nameOf(value: Json): string {
  if (Array.isArray(value)) return "list";
  return typeof value === "object" ? "record" : typeof value === "string" ? "text" : typeof value;
}

/** The next power of ten; what is small is not told apart. */
function upTo(count: number, least = 10): string {
  if (count === 0) return "no";
  let most = least;
  while (most < count) most *= 10;
  return `up to ${most.toLocaleString("en")}`;
}
