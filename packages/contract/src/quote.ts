import { JsonFault } from "./json-fault.ts";

// Printable, without quote, backslash and surrogates: such a text is its own JSON. Sticky and without an end, so that
// a long text which is not all plain is read once up to there and never backwards.
const plain = /[ !#-[\]-\ud7ff\ue000-\uffff]*/y;

function isPlain(text: string): boolean {
  plain.lastIndex = 0;
  plain.test(text);
  return plain.lastIndex === text.length;
}

/** A string of canonical JSON. */
export function quote(text: string): string {
  return isPlain(text) ? `"${text}"` : escaped(text);
}

/** The same without its quotes. */
export function quoted(text: string): string {
  return isPlain(text) ? text : escaped(text).slice(1, -1);
}

function escaped(text: string): string {
  if (!text.isWellFormed()) throw new JsonFault("surrogate", "a string holds half of a surrogate pair");
  return JSON.stringify(text);
}
