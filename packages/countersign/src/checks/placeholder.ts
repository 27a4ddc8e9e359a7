const words =
  /example|placeholder|your[-_ ]?|dummy|redacted|changeme|change[-_]me|replace[-_]?(?:me|with)|insert[-_]|not[-_]?a[-_]?real|\bfake|sample|x{5,}|\*{3,}|\.{3,}|\u2026|<[^>]*>|1234567890|abcdefgh|deadbeef|0{8,}/i;
const templates =
  /^(?:\$\{?|\{\{|%\(|%[A-Z_]+%|<%|process\.env|os\.environ|env[.:[(]|secret:\/\/|op:\/\/|vault:|arn:|ref\+|!\w|@@|var\.|vars\.|secrets\.|local\.|data\.|None$|null$|undefined$)/i;

/** True for what documentation writes where a credential would stand, and for references to one kept elsewhere. */
export function isPlaceholder(text: string): boolean {
  return words.test(text) || templates.test(text) || new Set(text).size < 5;
}

/** Shannon entropy in bits a character. */
export function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

/** Digits, upper case, lower case and everything else: how many of the four occur. */
export function classesIn(text: string): number {
  return [/[0-9]/, /[A-Z]/, /[a-z]/, /[^0-9A-Za-z]/].filter((kind) => kind.test(text)).length;
}

const uuid = /^(?:urn:uuid:)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const integrity = /^sha(?:1|256|384|512)[-:]/i;
const path = /^(?:[a-z][a-z0-9+.-]*:\/\/|\.{0,2}\/|~\/|[A-Za-z]:\\)/i;
/** An identifier, a member access, a call, a type: code that handles a credential, not the credential. */
const code = /^[A-Za-z_$][\w$]*(?:(?:\.|\?\.|::|->)[A-Za-z_$][\w$]*)*(?:[([{<].*)?$/;
const call = /^[A-Za-z_$][\w$.]*\(/;
const dictionary = /^[A-Za-z]+(?:[-_.][A-Za-z]+)*[-_.]?\d{0,3}$/;

/**
 * Whether the value of a field whose name promises a credential is one. `strong` names (password, api key) say so
 * almost surely; `weak` ones (token, key) also name cursors and labels, so their values must look random.
 */
export function looksSecret(value: string, name: "strong" | "weak"): boolean {
  if (value.length < 8 || value.length > 4096 || /\s/.test(value)) return false;
  if (isPlaceholder(value) || integrity.test(value) || path.test(value) || call.test(value)) return false;
  const random = value.length >= 16 && /\d/.test(value) && /[A-Za-z]/.test(value) && entropyOf(value) >= 3;
  if (name === "weak") {
    if (uuid.test(value) || dictionary.test(value)) return false;
    return random && value.length >= 20 && entropyOf(value) >= 3.2;
  }
  if (random && !dictionary.test(value)) return true;
  if (dictionary.test(value)) return false;
  return classesIn(value) >= 3 && /\d/.test(value) && !(code.test(value) && /[([{<.]/.test(value));
}

/**
 * Whether a key below a field whose name promises a credential is that credential itself. Most keys there say something
 * about it (`sha256Fingerprint`) or number it, so only what is scrambled counts: no words, and no identifier.
 */
export function looksSecretKey(key: string): boolean {
  if (uuid.test(key) || !looksSecret(key, "strong")) return false;
  // Words are long, and random text changes its kind all the time: of a long key either measure may say so.
  const [parts, words] = [
    meanLength(key, /[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+/g),
    meanLength(key, /[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g),
  ];
  if (key.length >= 16) return parts < 3 || words < 3;
  // A short one may be a name with a number or two: it is written as none is (but one of RFC 7515), or scrambled by both.
  if (labels.some((label) => label.test(key))) return false;
  if (classesIn(key) === 4 && /[!#$%^&*+=?~|]/.test(key)) return key !== "x5t#S256";
  return parts < 2.2 && words < 2.2 && !numbered.test(key) && !constant.test(key);
}

/** What keys of records are: hours, versions, addresses and ports, permissions of a service, a kind with an id behind it. */
const labels = [
  /^\d{4}-\d\d(?:-\d\d)?(?:[T_]\d\d.*)?$/,
  /^v?\d+(?:\.\d+)+(?:[-+.]?[A-Za-z]+\d*)*$/i,
  /^\d{1,3}(?:\.\d{1,3}){3}(?:[:/][0-9A-Za-z]+)?$/,
  /^[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}$/,
  /^[a-z0-9]{2,20}:[A-Za-z]+\*?$/,
  /^[a-z]{1,12}[-_:.][0-9A-Za-z]+$/,
  /^[a-zA-Z]\d{1,3}(?:[-|/][a-zA-Z]?\d+[a-zA-Z]*\d*)+$/,
];
/** `aws-Eu1-A2`: words with numbers behind them. */
const numbered = /^(?:[A-Za-z]+\d*|\d+)(?:[-_.:/@][A-Za-z]*\d*)+$/;
/** `RGB10_A2UI` */
const constant = /^[A-Z0-9]+(?:_[A-Z0-9]+)+$/;

function meanLength(key: string, word: RegExp): number {
  const words = key.match(word) ?? [];
  return words.join("").length / words.length;
}
