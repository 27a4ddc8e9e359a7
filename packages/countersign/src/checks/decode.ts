import { findRuns } from "./runs.ts";
import { type Edit, editedView, runView, type Span, type View } from "./view.ts";

/** One notation at a time: a value may itself hold what reads as an escape of another. */
const notations = [
  { hint: "%", escaped: /(?:%[0-9a-f]{2})+/gi },
  { hint: "\\", escaped: /\\(?:u[0-9a-f]{4}|x[0-9a-f]{2}|[nrt"'\\/])/gi },
  { hint: "&", escaped: /&(?:#\d{1,7}|#x[0-9a-f]{1,6}|amp|lt|gt|quot|apos);/gi },
];
const entities: { readonly [name: string]: string } = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
const letters: { readonly [letter: string]: string } = { n: "\n", r: "\r", t: "\t" };
/** How far around an escape the text is read again with it undone: to white space, and a little more for context. */
const reach = 4096;
const context = 64;

/** One level of decoding: percent, JSON and HTML escapes in place, and each base64 or hex run by itself. */
export function decodeOnce(parent: View): View[] {
  const views = unescapedViews(parent);
  const runs = findRuns(parent.text);
  for (const run of runs.base64) views.push(...base64Views(parent, run));
  for (const run of runs.hex) views.push(runView(parent, asText(Buffer.from(parent.text.slice(...run), "hex")), run));
  return views;
}

/** True where nearly all of a decoded run reads as text, so that patterns mean something in it. */
export function isReadable(text: string): boolean {
  let odd = 0;
  const length = Math.min(text.length, 1024);
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 ? code !== 9 && code !== 10 && code !== 13 : code >= 0x7f && code < 0xa0) odd++;
    else if (code >= 0xa0 && code < 0x100) odd += 0.5;
  }
  return odd <= length / 20;
}

/** A run may begin with letters that only look like base64 (`path/…`), so each of the four alignments is tried. */
function base64Views(parent: View, run: Span): View[] {
  const text = parent.text.slice(...run).replace(/\\[nr]|\s/g, "");
  const views: View[] = [];
  for (let shift = 0; shift < 4 && shift < text.length; shift++) {
    const plain =
      shift === 0 || isReadable(sampleOf(text, shift)) ? asText(Buffer.from(text.slice(shift), "base64")) : "";
    if (plain !== "") views.push(runView(parent, plain, run));
    if (shift === 0 && isReadable(plain)) break;
  }
  return views;
}

/** What the end of a run reads as at one alignment: whatever runs into it from before is behind us there. */
function sampleOf(text: string, shift: number): string {
  const from = Math.max(0, Math.floor((text.length - shift - 64) / 4)) * 4 + shift;
  return asText(Buffer.from(text.slice(from), "base64"));
}

/** UTF-8 where the bytes are that, one character per byte otherwise: bytes of a binary file still hold what they hold. */
function asText(bytes: Buffer): string {
  const text = bytes.toString("utf8");
  return text.includes("\ufffd") ? bytes.toString("latin1") : text;
}

function unescapedViews(parent: View): View[] {
  const source = parent.text;
  const views: View[] = [];
  for (const { hint, escaped } of notations) {
    if (!source.includes(hint)) continue;
    for (const stretch of stretches(source, escaped)) {
      const text = source.slice(...stretch);
      const plain = text.replace(escaped, plainOf);
      views.push(editedView(parent, plain, stretch[0], () => editsOf(text, escaped, stretch[0])));
    }
  }
  return views;
}

/** The parts of a text that escapes may matter to. */
function stretches(source: string, escaped: RegExp): Span[] {
  const spans: [number, number][] = [];
  for (const match of source.matchAll(escaped)) {
    const last = spans.at(-1);
    const end = match.index + match[0].length;
    if (last !== undefined && end <= last[1]) continue;
    const before = match.index > 0 ? edge(source, match.index, -1) : 0;
    const span: [number, number] = [
      Math.max(0, before - context),
      Math.min(source.length, edge(source, end, 1) + context),
    ];
    if (last !== undefined && span[0] <= last[1]) last[1] = span[1];
    else spans.push(span);
  }
  return spans;
}

function edge(source: string, from: number, step: 1 | -1): number {
  let at = from;
  while (at > 0 && at < source.length && Math.abs(at - from) < reach && source.charCodeAt(step < 0 ? at - 1 : at) > 32)
    at += step;
  return at;
}

function editsOf(text: string, escaped: RegExp, base: number): Edit[] {
  const edits: Edit[] = [];
  for (const match of text.matchAll(escaped)) {
    const token = match[0];
    const from = base + match.index;
    const plain = plainOf(token);
    // One edit for each `%XX` that is a character by itself, so that a cut stays inside a longer run of them.
    if (plain.length * 3 === token.length)
      for (let i = 0; i < plain.length; i++) edits.push({ from: from + i * 3, was: 3, is: 1 });
    else edits.push({ from, was: token.length, is: plain.length });
  }
  return edits;
}

function plainOf(token: string): string {
  if (token.startsWith("%")) return asText(Buffer.from(token.replaceAll("%", ""), "hex"));
  if (token.startsWith("\\")) {
    const kind = token.charAt(1);
    return token.length > 2 ? String.fromCharCode(Number.parseInt(token.slice(2), 16)) : (letters[kind] ?? kind);
  }
  const name = token.slice(1, -1).toLowerCase();
  if (!name.startsWith("#")) return entities[name] ?? "";
  const point = name.startsWith("#x") ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
  return point <= 0x10ffff ? String.fromCodePoint(point) : "";
}
