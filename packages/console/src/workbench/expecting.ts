export type Effect = "allow" | "require" | "deny";

const last = /^( *)expect:[^\S\n]*\n(?:\1 +.*\n?)*/gm;

/** The last case of a file, expecting another answer; which policies give it is left open. Undefined where there is none. */
export function expecting(text: string, effect: Effect): string | undefined {
  const found = [...text.matchAll(last)].at(-1);
  if (found?.[0] === undefined) return undefined;
  const [block, indent = ""] = found;
  const before = text.slice(0, found.index);
  return `${before}${indent}expect:\n${indent}  effect: ${effect}\n${text.slice(found.index + block.length)}`;
}

/** What the last case of a file expects. */
export function expected(text: string): Effect | undefined {
  const found = [...text.matchAll(last)].at(-1)?.[0];
  return /\beffect: *(allow|require|deny)\b/.exec(found ?? "")?.[1] as Effect | undefined;
}
