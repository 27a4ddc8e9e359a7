/** What separates words in prose, lists and markup, and is no part of an address, a path or a number. */
const between = /[\s"'`<>()[\]{}|,;\\]+/u;
const leading = new Set("#@$€£:!?*_=");
const trailing = new Set(".:!?*_~=%/");
const thousands = /(\d),(?=\d{3}(?!\d))/g;
const longestToken = 2_048;

/**
 * A text as whole words in one spelling: compatibility forms, case and what an eye cannot see make no difference, and
 * an address, a path or a number is one word. `Send it to <Bob@Acme.com>.` is `send it to bob@acme.com`.
 */
export function tokensOf(text: string): readonly string[] {
  const plain = text
    .normalize("NFKC")
    .replace(/\p{Cf}/gu, "")
    .toLowerCase()
    .replace(thousands, "$1")
    .replace(/#(?=\d)/g, "# ");
  const tokens: string[] = [];
  for (const word of plain.split(between)) {
    const token = spelled(word);
    if (token !== "") tokens.push(token);
  }
  return tokens;
}

function spelled(word: string): string {
  if (word.length > longestToken) return word;
  // `#12` names something by its number.
  if (word === "#") return word;
  // By hand: a pattern that is anchored at the end is tried from every place of a hostile word.
  let from = 0;
  let to = word.length;
  while (leading.has(word.charAt(from))) from++;
  while (trailing.has(word.charAt(to - 1))) to--;
  return word.slice(from, to);
}

const longestValue = 256;
const mostWords = 32;

/**
 * The ways in which a text may write a value. A text ends its sentences and sets its marks; a value is compared as it
 * is, but for its case: `acme.` is another place than `acme`, and `1.10` is another version than `1.1`.
 */
export function spellingsOf(value: string | number): readonly (readonly string[])[] {
  if (typeof value === "number") {
    const plain = String(value);
    return Number.isSafeInteger(value) ? [[plain]] : [[plain], [value.toFixed(2)]];
  }
  // What programs read otherwise than it looks, or as more than one place, is written nowhere.
  if (value.length > longestValue || value.includes("*") || /\p{Cf}/u.test(value) || value.normalize("NFKC") !== value)
    return [];
  const words = value
    .toLowerCase()
    .replace(/\/$/, "")
    .split(/\s+/)
    .filter((word) => word !== "");
  if (words.length === 0 || words.length > mostWords) return [];
  const [first = "", ...rest] = words;
  // `#general` and `@lea` are also called without their sign; a number after a sign is two words.
  const bare = /^[#@][\p{L}\p{N}_-]+$/u.test(first) ? [[first.slice(1), ...rest]] : [];
  const numbered = /^#\d/.test(first) ? [["#", first.slice(1), ...rest]] : [];
  return numbered.length > 0 ? numbered : bare.length > 0 ? bare : [words];
}
