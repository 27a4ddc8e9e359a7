import type { Json } from "@countersign/contract";
import { storable } from "../floor/visible.ts";
import type { Redacted } from "./redact.ts";

/** As much of the screen as this needs. */
export type Redact = (value: Json) => Pick<Redacted, "value">;

/** Longer than any place that a person could read: such a pointer is not even searched, and nothing of it is told. */
const mostRead = 4_096;
const mostTold = 200;

/**
 * A JSON pointer as it may be told. Its steps are names that whoever wrote the value chose, so they are screened like
 * the value itself: each as it was written, before it is escaped and before anything is cut off.
 */
export function toldPointer(pointer: string, redact: Redact): string {
  if (pointer.length > mostRead) return `/[not told: ${pointer.length} characters]`;
  const [base = "", ...steps] = pointer.split("/");
  const clean = redactSteps(
    steps.map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~")),
    redact,
  );
  const told = clean.map((step) => `/${onOneLine(step).replaceAll("~", "~0").replaceAll("/", "~1")}`);
  return cutTo(mostTold, base + told.join(""));
}

/** The text with nothing in it that hides or begins a new line. */
export function onOneLine(text: string): string {
  return storable(text).replaceAll("\n", "\u27e8U+000A\u27e9").replaceAll("\t", "\u27e8U+0009\u27e9");
}

/** Cuts off what is more, and neither through an escape nor through a character. */
export function cutTo(most: number, text: string): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).replace(/[~\ud800-\udbff]$/, "")}\u2026`;
}

/** Each within those before it, so that what the name of a field promises also counts for the names below it. */
function redactSteps(steps: readonly string[], redact: Redact): readonly string[] {
  let nest: Json = true;
  // A list hands the name of its field on. A number that short is too short for a known value.
  for (const step of steps.toReversed()) nest = /^\d{1,6}$/.test(step) ? [nest] : { [step]: nest };
  let at: Json = redact(nest).value;
  const clean: string[] = [];
  for (const step of steps) {
    // What could not be scanned has gone as a whole.
    if (typeof at !== "object" || at === null) return [...clean, String(at)];
    const [[name, below] = ["", null]]: [string, Json][] = Object.entries(at);
    clean.push(Array.isArray(at) ? step : name);
    at = below;
  }
  return clean;
}
