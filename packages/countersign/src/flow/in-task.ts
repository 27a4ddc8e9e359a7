import type { Destination } from "../catalog/index.ts";
import { isNumber, namesNumber, placeOf } from "./named-number.ts";
import { spellingsOf } from "./tokens.ts";
import type { Words } from "./words.ts";

/** Whether a task says this value for this argument of a tool. */
export function isInTask(task: Words, { at, value }: Destination, tool: string): boolean {
  return spellingsOf(value).some((tokens) => standsInTask(task, tokens, tool, at));
}

/** The same of one spelling. */
export function standsInTask(task: Words, tokens: readonly string[], tool: string, at: string): boolean {
  if (isLetter(tokens)) return task.hasLine(tokens);
  if (!isNumber(tokens)) return task.has(tokens);
  const place = placeOf(tool, at);
  const [number = ""] = tokens;
  return task.hasLine(tokens) || task.hasBetween(number, (beside) => namesNumber(number, beside, place));
}

/** A single letter is in every text, and a whole value only where a parameter is one. */
export function isLetter([first = "", ...rest]: readonly string[]): boolean {
  return rest.length === 0 && /^\p{L}$/u.test(first);
}
