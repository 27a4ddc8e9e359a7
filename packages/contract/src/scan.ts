import { JsonFault, type JsonFaultReason } from "./json-fault.ts";

const numberForm = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const space = /[ \t\n\r]*/y;
// A lone surrogate is told apart after decoding; this is the grammar of a string only.
// biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 8259 forbids them raw
const stringForm = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

/** Walks the grammar of RFC 8259 and throws `JsonFault` at the first place that `parseJson` does not accept. */
export function scanJson(text: string, maxDepth: number): void {
  const at = scanValue(text, skip(text, 0), maxDepth, maxDepth);
  const end = skip(text, at);
  if (end !== text.length) fault("syntax", "there is text after the value", text, end);
}

function scanValue(text: string, at: number, levels: number, maxDepth: number): number {
  const first = text[at];
  if (first === "{" || first === "[") {
    if (levels === 0) fault("depth", `the value is nested deeper than ${maxDepth} levels`, text, at);
    return first === "{" ? scanMembers(text, at, levels - 1, maxDepth) : scanItems(text, at, levels - 1, maxDepth);
  }
  if (first === '"') return scanString(text, at).end;
  for (const word of ["true", "false", "null"]) if (text.startsWith(word, at)) return at + word.length;
  return scanNumber(text, at);
}

function scanMembers(text: string, open: number, levels: number, maxDepth: number): number {
  const names = new Set<string>();
  let at = skip(text, open + 1);
  if (text[at] === "}") return at + 1;
  for (;;) {
    if (text[at] !== '"') fault("syntax", "a member's name must be a string", text, at);
    const name = scanString(text, at);
    if (names.has(name.value)) fault("duplicate", "the same name appears twice in one object", text, at);
    names.add(name.value);
    at = skip(text, name.end);
    if (text[at] !== ":") fault("syntax", "a colon must follow a member's name", text, at);
    at = skip(text, scanValue(text, skip(text, at + 1), levels, maxDepth));
    if (text[at] === "}") return at + 1;
    if (text[at] !== ",") fault("syntax", "a comma or a closing brace must follow a member", text, at);
    at = skip(text, at + 1);
  }
}

function scanItems(text: string, open: number, levels: number, maxDepth: number): number {
  let at = skip(text, open + 1);
  if (text[at] === "]") return at + 1;
  for (;;) {
    at = skip(text, scanValue(text, at, levels, maxDepth));
    if (text[at] === "]") return at + 1;
    if (text[at] !== ",") fault("syntax", "a comma or a closing bracket must follow an item", text, at);
    at = skip(text, at + 1);
  }
}

function scanString(text: string, at: number): { readonly value: string; readonly end: number } {
  stringForm.lastIndex = at;
  const match = stringForm.exec(text);
  if (match === null) fault("syntax", "the string is not closed or holds something that must be escaped", text, at);
  const value = JSON.parse(match[0]) as string;
  if (!value.isWellFormed()) fault("surrogate", "the string holds half of a surrogate pair", text, at);
  return { value, end: at + match[0].length };
}

function scanNumber(text: string, at: number): number {
  numberForm.lastIndex = at;
  const match = numberForm.exec(text);
  if (match === null) {
    fault("syntax", at >= text.length ? "the text ends where a value should be" : "a value should be here", text, at);
  }
  const value = Number(match[0]);
  if (!Number.isFinite(value)) fault("number", "the number is too large", text, at);
  const isInteger = match[1] === undefined && match[2] === undefined;
  // Spelt with zeros for the digits that a double does not have, as canonical JSON spells it, it survives too.
  const survives =
    !isInteger || Number.isSafeInteger(value) || `${value}` === match[0] || BigInt(value) === BigInt(match[0]);
  if (!survives) {
    fault("number", "the integer is beyond 2^53 and would be altered", text, at);
  }
  return at + match[0].length;
}

function skip(text: string, at: number): number {
  space.lastIndex = at;
  return at + (space.exec(text)?.[0].length ?? 0);
}

function fault(reason: JsonFaultReason, sentence: string, text: string, at: number): never {
  throw new JsonFault(reason, sentence, text, at);
}
