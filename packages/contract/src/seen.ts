import { wordsSeen } from "./words-seen.ts";

/** A piece of text as it is shown: plain, or a mark that stands for what would hide, reorder or deceive. */
export interface Piece {
  readonly text: string;
  /** Why it is marked; absent for plain text. */
  readonly mark?: string;
  /** What stood here, where the text only says what it was. */
  readonly replaces?: string;
}

// Glyphs without ink that Unicode does not count as spaces. Between two cells of Braille the empty one is a space.
const inkless = String.raw`(?<![\u2801-\u28ff])\u2800|\u2800(?![\u2801-\u28ff])|[\u{1d159}\u{13441}\u{13442}\ufffc]`;
const hidden = String.raw`[^\P{C}\n\t]|\p{Zl}|\p{Zp}|\p{Default_Ignorable_Code_Point}|${inkless}`;
const blank = String.raw`[^\S\n]|[\u2800\u{1d159}\u{13441}\u{13442}]|(?!\p{Bidi_Control})\p{Default_Ignorable_Code_Point}`;
/** Padding that pushes what follows out of sight. */
const emptyLines = `(?:(?:${blank})*\\n){6,}`;
const spaces = `(?:${blank}){40,}`;
/** The same where a text is shown as JSON, which writes line ends and controls as escapes. */
const escapes = String.raw`(?:(?:${blank})*\\(?:[nrt]|u[0-9a-f]{4})){12,}`;
/** Marks that pile up over lines which are not theirs. */
const pile = String.raw`\p{M}{4,}`;
const rule = new RegExp(
  `(?<lines>${emptyLines})|(?<escapes>${escapes})|(?<crowd>(?:(?!\\r)(?:${hidden})){9,})|(?<spaces>${spaces})|(?<pile>${pile})|(?:${hidden})`,
  "gu",
);
const ascii = /^[\x20-\x7e\n\t]*$/;
const asciiPadding = /[ \t]{40}|(?:[ \t]*\n){6}|(?:[ \t]*\\(?:[nrt]|u[0-9a-f]{4})){12}/;
const mostNamed = 4;
export const unseen = ", with characters that cannot be seen";

/**
 * Untrusted text so that nothing in it can hide: controls and bidi marks by code, glyphs without ink too, long padding by
 * count, letters that pass for others by name. Pure.
 */
export function seen(given: string): readonly Piece[] {
  const text = given.toWellFormed();
  if (text === "") return [];
  if (ascii.test(text) && !asciiPadding.test(text)) return [{ text }];
  const pieces: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(rule)) {
    pieces.push(...wordsSeen(text.slice(at, match.index)), told(match[0], match.groups ?? {}));
    at = match.index + match[0].length;
  }
  pieces.push(...wordsSeen(text.slice(at)));
  return pieces.filter((piece) => piece.text !== "");
}

const blankText = new RegExp(`^(?:${blank}|${hidden})*$`, "u");

/** Whether nothing of it can be seen. */
export function isBlank(text: string): boolean {
  return blankText.test(text);
}

/** The same as text alone: what is marked says behind it, in angle brackets, why. */
export function seenAsText(given: string): string {
  const pieces = seen(given);
  return pieces
    .map(({ text, mark, replaces }, at) => {
      if (mark === undefined || replaces !== undefined) return text;
      const note = `⟨${mark}⟩`;
      // Said once, however often the text comes through here.
      return pieces[at + 1]?.text.startsWith(note) === true ? text : text + note;
    })
    .join("");
}

function told(found: string, groups: Readonly<Record<string, string | undefined>>): Piece {
  if (groups.lines !== undefined) {
    return stood(found, `${found.split("\n").length - 1} empty lines${/\S/u.test(found) ? unseen : ""}`);
  }
  if (groups.escapes !== undefined) {
    const each = found.match(/\\(?:u.{4}|.)/gu) ?? [];
    return stood(found, `${each.length} escapes: ${namesOf(each)}${/[^\t-~]/.test(found) ? unseen : ""}`);
  }
  if (groups.spaces !== undefined)
    return stood(found, `${[...found].length} ${/^\s+$/u.test(found) ? "spaces" : "blanks"}`);
  if (groups.pile !== undefined) return stood(found, `${[...found].length} marks over one letter`);
  const mark = "a character that cannot be seen, or that changes how others are shown";
  const codes = [...found].map(codeOf);
  if (groups.crowd === undefined) return { text: `⟨${codes.join("")}⟩`, mark, replaces: found };
  return stood(found, `${codes.length} hidden: ${namesOf(codes)}`);
}

function namesOf(found: readonly string[]): string {
  const names = [...new Set(found)];
  return names.slice(0, mostNamed).join(", ") + (names.length > mostNamed ? " and others" : "");
}

function stood(replaces: string, what: string): Piece {
  return { text: `⟨${what}⟩`, mark: `${what} stood here`, replaces };
}

function codeOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}
