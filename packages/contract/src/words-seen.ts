import type { Piece } from "./seen.ts";

const words = /[\p{L}\p{M}\p{N}_.-]+/gu;
const scripts = [
  ["Latin", /\p{Script=Latin}/u],
  ["Cyrillic", /\p{Script=Cyrillic}/u],
  ["Greek", /\p{Script=Greek}/u],
  ["Armenian", /\p{Script=Armenian}/u],
  ["Cherokee", /\p{Script=Cherokee}/u],
  ["Lisu", /\p{Script=Lisu}/u],
  ["Coptic", /\p{Script=Coptic}/u],
] as const;

/** Letters that are read as the Latin ones below them: those of UTS #39's confusables that a reader would not notice. */
const lookalikes = new Map(
  [
    ["аАВсСԁеЕԍһНіІјЈкКӏМоОрРԛѕЅТѵԝхХуУүҮ", "aABcCdeEGhHiIjJkKlMoOpPqsSTvwxXyYyY"],
    ["αΑΒΕΗιΙκΚΜΝνοΟρΡΤυΥχΧγΖϲϳ", "aABEHiIkKMNvoOpPTuYxXyZcj"],
    ["օսոհցքՏՕԼ", "ounhgpSOL"],
    ["ᎠᎡᎢᎥᎪᎫᎬᎳᎷᎻᏀᏃᏔᏙᏚᏞᏟᏢᏦᏴ", "DRTiAJEWMHGZWVSLCPKB"],
    ["ꓐꓑꓒꓓꓔꓖꓗꓙꓚꓜꓝꓟꓠꓡꓢꓣꓦꓧꓪꓫꓬꓮꓰꓲꓳꓴ", "BPdDTGKJCZFMNLSRVHWXYAEIOU"],
    ["ⲟⲞⲣⲢⲤⲥⲘⲚⲦⲔⲒⲎⲈⲀ", "oOpPCcMNTKIHEA"],
  ].flatMap(([theirs = "", ours = ""]) => [...theirs].map((letter, at): [string, string] => [letter, ours[at] ?? ""])),
);

// Wide forms, mathematical letters, letterlike signs and Roman numerals: NFKC makes plain letters and digits of them.
const wide = /[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]/u;
const styled = /[\u{1d400}-\u{1d7ff}\u2160-\u217f]|(?=[\u2100-\u214f])\p{L}/u;
const ideographs = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

interface Word {
  readonly at: number;
  readonly text: string;
  readonly alphabets: readonly string[];
  /** How it is read by somebody who takes its letters for Latin ones; undefined where they cannot be taken for such. */
  readonly reads: string | undefined;
  /** What stands between two spaces: an address, a path, an identifier. */
  readonly token: number;
  /** Words of one alphabet in a row. */
  readonly row: number;
}

/** Words whose letters pass for others: of several alphabets, of another one alone that is read as Latin, wide or styled. */
export function wordsSeen(text: string): readonly Piece[] {
  if (!/[^\0-\x7f]/.test(text)) return [{ text }];
  const found = wordsOf(text);
  const tokensWith = (letters: RegExp) =>
    new Set(found.filter((word) => letters.test(word.text)).map(({ token }) => token));
  const [latin, plain, ideographic] = [tokensWith(/\p{Script=Latin}/u), tokensWith(/[a-z]/i), tokensWith(ideographs)];
  const plainRows = new Set(found.filter((word) => isPlainly(word)).map(({ row }) => row));
  const pieces: Piece[] = [];
  let from = 0;
  for (const word of found) {
    const { token, row } = word;
    // Wide letters are at home among ideographs.
    const isWidelySet = ideographic.has(token) && !plain.has(token);
    const mark = markOf(word, { isWidelySet, isBesideLatin: latin.has(token), isAmongItsOwn: plainRows.has(row) });
    if (mark === undefined) continue;
    pieces.push({ text: text.slice(from, word.at) }, { text: word.text, mark });
    from = word.at + word.text.length;
  }
  pieces.push({ text: text.slice(from) });
  return pieces;
}

interface Place {
  readonly isWidelySet: boolean;
  readonly isBesideLatin: boolean;
  readonly isAmongItsOwn: boolean;
}

function markOf(
  { text, alphabets, reads }: Word,
  { isWidelySet, isBesideLatin, isAmongItsOwn }: Place,
): string | undefined {
  if (styled.test(text) || (wide.test(text) && !isWidelySet))
    return `wide or styled letters that spell ${text.normalize("NFKC")}`;
  if (alphabets.length > 1) return `letters of ${alphabets.join(" and ")} in one word`;
  if (reads === undefined) return undefined;
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  // One Greek letter is the name of a quantity.
  const isLong = letters > 1 || (!alphabets.includes("Greek") && (isBesideLatin || /\p{N}/u.test(text)));
  if (!isLong || (isAmongItsOwn && !isBesideLatin)) return undefined;
  return `letters of ${alphabets.join()} that look like ${reads}`;
}

function wordsOf(text: string): readonly Word[] {
  const found: Word[] = [];
  let [token, row, end] = [0, 0, 0];
  let last = "";
  for (const match of text.matchAll(words)) {
    const [word] = match;
    const alphabets = scripts.filter(([, script]) => script.test(word)).map(([name]) => name);
    if (/\s/u.test(text.slice(end, match.index))) token += 1;
    const alphabet = alphabets.join();
    if (alphabet !== "" && alphabet !== last) {
      row += 1;
      last = alphabet;
    }
    found.push({ at: match.index, text: word, alphabets, reads: readingOf(word, alphabets), token, row });
    end = match.index + word.length;
  }
  return found;
}

/** Whether nobody takes it for a word of Latin letters: then those around it are words of its language. */
function isPlainly({ alphabets, reads }: Word): boolean {
  return alphabets.length === 1 && reads === undefined;
}

function readingOf(word: string, alphabets: readonly string[]): string | undefined {
  if (alphabets.length !== 1 || alphabets[0] === "Latin") return undefined;
  let reads = "";
  for (const character of word) {
    const letter = lookalikes.get(character);
    if (letter === undefined && /\p{L}/u.test(character)) return undefined;
    if (!/\p{M}/u.test(character)) reads += letter ?? character;
  }
  return reads;
}
