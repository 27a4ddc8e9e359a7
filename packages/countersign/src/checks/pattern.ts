import { linearRegExp, UnsupportedPattern } from "./linear-regexp.ts";

/** What Ajv needs of a regular expression engine. */
export interface Engine {
  (pattern: string, flags: string): { test(text: string): boolean };
  code: string;
}

const longestPattern = 4_096;

/**
 * Patterns of schemas that somebody else wrote. One quantifier can cost no more than the text is long, squared; anything
 * more goes to an automaton without backtracking, and what has no such form is refused, so no pattern can hang the gate.
 */
export const patternEngine: Engine = Object.assign(
  (pattern: string) => {
    if (pattern.length > longestPattern) throw new UnsupportedPattern("too long");
    if (isPlainlySafe(pattern)) return native(pattern);
    return linearRegExp(pattern);
  },
  // Ajv writes this name only into code that it prints for a file, which nobody asks of it here.
  { code: "patternEngine" },
);

/**
 * True where nothing is repeated without a bound except characters by themselves, anchored at the start, each followed
 * by the end or by a plain character: conservative, and true of nearly every pattern that real tools carry.
 */
export function isPlainlySafe(pattern: string): boolean {
  const flat = pattern.replace(/\\./gsu, "e").replace(/\[\^?\]?[^\]]*\]/gu, "c");
  if (/[()|]/.test(flat)) return false;
  const unbounded = flat.match(/[*+]|\{\d+,\d*\}/g)?.length ?? 0;
  return unbounded === 0 || (unbounded === 1 && flat.startsWith("^"));
}

function native(pattern: string): { test(text: string): boolean } {
  try {
    return new RegExp(pattern, "u");
  } catch {
    try {
      // Many real schemas are written for engines that allow escapes which the `u` flag refuses.
      return new RegExp(pattern);
    } catch {
      throw new UnsupportedPattern("not a regular expression");
    }
  }
}
