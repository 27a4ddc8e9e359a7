/** What separates words in prose, lists and markup, and is no part of an address, a path or a number. */
const between = /[\s"'`<>()[\]{}|,;\\]+/u;
const leading = /^[#@$€£:!?*_=]+/u;
const trailing = /[.:!?*_~=%/]+$/u;
const thousands = /(\d),(?=\d{3}(?!\d))/g;
const decimal = /^(-?\d+)\.(\d*?)0*$/;
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
  const bare = word.replace(leading, "").replace(trailing, "");
  const number = decimal.exec(bare);
  if (number === null) return bare;
  const [, whole = "", fraction = ""] = number;
  return fraction === "" ? whole : `${whole}.${fraction}`;
}
