import type { Json } from "./json.ts";
import { JsonFault } from "./json-fault.ts";

/** Arrays and objects inside one another that `canonical` and `parseJson` follow. */
export const maxJsonDepth = 64;

// Printable, without quote, backslash and surrogates: such a string is its own JSON.
const plain = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/;

/**
 * Canonical JSON (RFC 8785). Throws `JsonFault` for what has no canonical form: a lone surrogate, a number that is not
 * finite, `undefined`, an object that is not plain, more than `maxDepth` levels (so a cycle ends too).
 */
export function canonical(value: Json, maxDepth: number = maxJsonDepth): string {
  return write(value, maxDepth);
}

function write(value: Json, levels: number): string {
  switch (typeof value) {
    case "string":
      return quote(value);
    case "number":
      if (!Number.isFinite(value)) throw new JsonFault("number", `${value} has no JSON form`);
      return `${value}`;
    case "boolean":
      return value ? "true" : "false";
    case "object":
      if (value === null) return "null";
      if (levels === 0) throw new JsonFault("depth", "the value is nested too deeply");
      return isList(value) ? writeList(value, levels - 1) : writeMembers(value, levels - 1);
    default:
      throw new JsonFault("value", `a ${typeof value} has no JSON form`);
  }
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function writeList(list: readonly Json[], levels: number): string {
  let text = "[";
  for (let i = 0; i < list.length; i++) {
    if (i > 0) text += ",";
    text += write(list[i] as Json, levels);
  }
  return `${text}]`;
}

function writeMembers(members: { readonly [member: string]: Json }, levels: number): string {
  const prototype: unknown = Object.getPrototypeOf(members);
  // A prototype above Object.prototype means a Date, a Map, a class: its fields are not what it stands for.
  if (prototype !== Object.prototype && prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw new JsonFault("value", "an object that is not plain has no JSON form");
  }
  const names = Object.keys(members);
  if (names.length === 0) return "{}";
  inOrder(names);
  const first = names[0] as string;
  let text = `{${label(first)}${write(members[first] as Json, levels)}`;
  for (let i = 1; i < names.length; i++) {
    const name = names[i] as string;
    text += `,${label(name)}${write(members[name] as Json, levels)}`;
  }
  return `${text}}`;
}

/** Sorts by UTF-16 code units, as RFC 8785 section 3.2.3 asks; most objects are small and nearly in order. */
function inOrder(names: string[]): void {
  for (let at = 1; at < names.length; at++) {
    const name = names[at] as string;
    if ((names[at - 1] as string) < name) continue;
    if (names.length > mostInserted) {
      names.sort();
      return;
    }
    let to = at;
    for (; to > 0 && (names[to - 1] as string) > name; to--) names[to] = names[to - 1] as string;
    names[to] = name;
  }
}

const mostInserted = 32;

// The same few names come again and again; what others send fills it once, and it begins anew.
const labels = new Map<string, string>();
const mostLabels = 1_000;

/** A member's name as it is written, with its colon. */
function label(name: string): string {
  const known = labels.get(name);
  if (known !== undefined) return known;
  const text = `${quote(name)}:`;
  if (name.length < longestPlain) {
    if (labels.size >= mostLabels) labels.clear();
    labels.set(name, text);
  }
  return text;
}

const longestPlain = 64;

function quote(text: string): string {
  if (text.length < longestPlain && plain.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw new JsonFault("surrogate", "a string holds half of a surrogate pair");
  return JSON.stringify(text);
}
