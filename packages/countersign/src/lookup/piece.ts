/** Text as it is compared: composed, and without case. */
function fold(text: string): string {
  return text.normalize("NFC").toLowerCase();
}

/** What ends a piece of text: white space, controls, and characters that no id, path or address needs. */
const between = /[\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}"'`<>()[\]{},;|*^]+/u;
const edges = /^[^\p{L}\p{N}#]+|[^\p{L}\p{N}]+$/gu;
const longest = 512;
/** Most pieces are such words, which have one form and no parts: they are told at once, as they would be in the end. */
const word = /^[a-z0-9]+$/;
/** Nothing that anybody pastes is longer; what an agent makes longer costs no more. */
const longestRaw = 2048;

/** What each ASCII character is to a text: 0 ends a piece, 1 is of a word, 2 is anything else. */
const kinds = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  return between.test(character) ? 0 : word.test(character) ? 1 : 2;
});

/** The pieces of a text between its spaces, in order, each in the one form that is indexed and asked for. */
export function piecesOf(text: string): readonly string[] {
  const folded = fold(text);
  const pieces: string[] = [];
  let from = 0;
  let isWord = true;
  for (let at = 0; at <= folded.length; at++) {
    const code = at === folded.length ? 0 : folded.charCodeAt(at);
    if (code > 127) return piecesBySplit(folded);
    const kind = kinds[code];
    if (kind === 0) {
      if (at > from) keep(pieces, folded.slice(from, at), isWord);
      from = at + 1;
      isWord = true;
    } else if (kind !== 1) isWord = false;
  }
  return pieces;
}

/** The same, for texts with characters beyond ASCII. */
function piecesBySplit(folded: string): readonly string[] {
  const pieces: string[] = [];
  for (const raw of folded.split(between)) keep(pieces, raw, word.test(raw));
  return pieces;
}

function keep(pieces: string[], raw: string, isWord: boolean): void {
  const piece = isWord && raw.length <= longest ? raw : settle(raw.slice(0, longestRaw));
  if (piece !== "") pieces.push(piece);
}

/**
 * One form for all ways to write the same path or address: no scheme, no user, no default port, no query, no fragment,
 * slashes one way and none at the ends.
 */
function settle(raw: string): string {
  const slashed = raw.replaceAll("\\", "/");
  const scheme = /^(?:[a-z][a-z0-9+.-]*:\/\/|file:|mailto:)/.exec(slashed)?.[0] ?? "";
  const rest = slashed.slice(scheme.length);
  const isAddress = scheme.endsWith("//") || /^[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d+)?\//.test(rest);
  const place = isAddress
    ? rest
        .replace(/[?#].*$/, "")
        .replace(/^[^/@]*@/, "")
        .replace(/^([^/:]+):(?:80|443)(?=\/|$)/, "$1")
    : rest;
  return decoded(place)
    .replace(/\/(?:\.?\/)+/g, "/")
    .replace(edges, "")
    .slice(0, longest);
}

function decoded(text: string): string {
  if (!/%[0-9a-f]{2}/.test(text)) return text;
  try {
    return fold(decodeURIComponent(text));
  } catch {
    return text;
  }
}

/** A text as one line of its pieces: what a phrase is looked for in. */
export function lineOf(text: string): string {
  return piecesOf(text).join(" ");
}

const ticket = /(?<![\p{L}\p{N}])[a-z][a-z0-9]*-\d+(?![\p{L}\p{N}])|#\d+/gu;

/** The parts of a piece: between its slashes, ids such as `acme-123` and `#12` in it, its names, its words and numbers. */
export function partsOf(piece: string): readonly string[] {
  if (word.test(piece)) return [];
  const parts = new Set<string>();
  for (const segment of piece.split("/")) {
    if (word.test(segment)) {
      add(parts, segment);
      continue;
    }
    add(parts, segment.replace(edges, ""));
    if (/[-#]\d/.test(segment)) for (const [found] of segment.matchAll(ticket)) parts.add(found);
    for (const name of segment.split(/[^\p{L}\p{N}_-]+/u)) add(parts, name.replace(edges, ""));
    for (const one of segment.split(/[^\p{L}\p{N}]+/u)) add(parts, one);
  }
  parts.delete(piece);
  return [...parts];
}

function add(parts: Set<string>, part: string): void {
  if (isWorth(part)) parts.add(part);
}

/** Long enough to tell something: three characters, two with a digit, or one outside of ASCII. */
export function isWorth(part: string): boolean {
  return part.length >= 3 || (part.length === 2 && /\d/.test(part)) || /[^\p{ASCII}]/u.test(part);
}

/** Says of itself that it is an address, a path, a ticket or a commit: what people mean where it stands among words. */
export function isTelling(piece: string): boolean {
  return piece.includes("/") || /^#\d+$|^[a-z][a-z0-9]*-\d+$/.test(piece) || isCommit(piece);
}

/** A commit's hash, whole or abbreviated. */
export function isCommit(piece: string): boolean {
  return /^(?=.*\d)(?=.*[a-f])[0-9a-f]{7,64}$/.test(piece);
}
