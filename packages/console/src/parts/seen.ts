/** A piece of text as it is shown: plain, or a mark that stands for what would hide, reorder or deceive. */
export interface Piece {
  readonly text: string;
  /** Why it is marked; absent for plain text. */
  readonly mark?: string;
}

const hidden = /[^\P{C}\n\t]|\p{Zl}|\p{Zp}|\p{Default_Ignorable_Code_Point}/u;
/** Padding that pushes what follows out of sight. */
const padding = /[^\S\n]{40,}|(?:[^\S\n]*\n){6,}/;
const words = /[\p{L}\p{N}_.-]+/gu;
const scripts = [
  ["Latin", /\p{Script=Latin}/u],
  ["Cyrillic", /\p{Script=Cyrillic}/u],
  ["Greek", /\p{Script=Greek}/u],
  ["Armenian", /\p{Script=Armenian}/u],
  ["Cherokee", /\p{Script=Cherokee}/u],
] as const;

/** Untrusted text so that nothing in it can hide: controls and bidi marks by code, long padding by count, mixed alphabets by name. */
export function seen(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  const rule = new RegExp(`${padding.source}|${hidden.source}`, "gu");
  let at = 0;
  for (const match of text.toWellFormed().matchAll(rule)) {
    pieces.push(...byAlphabet(text.slice(at, match.index)), marked(match[0]));
    at = match.index + match[0].length;
  }
  pieces.push(...byAlphabet(text.slice(at)));
  return pieces.filter((piece) => piece.text !== "");
}

function marked(found: string): Piece {
  const [first = ""] = found;
  if (found.length > 2 && /^\s+$/.test(found)) {
    const lines = found.split("\n").length - 1;
    const what = lines > 0 ? `${lines} empty lines` : `${found.length} spaces`;
    return { text: `⟨${what}⟩`, mark: `${what} stood here` };
  }
  const code = (first.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return { text: `⟨U+${code}⟩`, mark: "a character that cannot be seen, or that changes how others are shown" };
}

function byAlphabet(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(words)) {
    const mixed = scripts.filter(([, script]) => script.test(match[0])).map(([name]) => name);
    if (mixed.length < 2) continue;
    pieces.push({ text: text.slice(at, match.index) });
    pieces.push({ text: match[0], mark: `letters of ${mixed.join(" and ")} in one word` });
    at = match.index + match[0].length;
  }
  pieces.push({ text: text.slice(at) });
  return pieces;
}
