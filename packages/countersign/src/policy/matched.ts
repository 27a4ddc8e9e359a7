/** What the groups of a pattern took out of a text, in their order; undefined where it does not fit. How many there are, the pattern says. */
export function matched<Groups extends readonly (string | undefined)[]>(
  pattern: RegExp,
  text: string,
): Groups | undefined {
  return pattern.exec(text)?.slice(1) as unknown as Groups | undefined;
}

/** What the first group of a pattern took; empty where it does not fit. */
export function firstMatch(pattern: RegExp, text: string): string {
  return matched<[string]>(pattern, text)?.[0] ?? "";
}

/** What the first group of a global pattern took wherever it fits; `allMatched` tells all of them. */
export function everyMatch(pattern: RegExp, text: string): readonly string[] {
  return allMatched<[string]>(pattern, text).map(([first]) => first);
}

export function allMatched<Groups extends readonly (string | undefined)[]>(
  pattern: RegExp,
  text: string,
): readonly Groups[] {
  return Array.from(text.matchAll(pattern), (match) => match.slice(1) as unknown as Groups);
}
