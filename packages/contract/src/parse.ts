import { maxJsonDepth } from "./canonical.ts";
import type { Json } from "./json.ts";
import { JsonFault } from "./json-fault.ts";
import { scanJson } from "./scan.ts";

export interface ParseLimits {
  /** Of the UTF-8 form. */
  readonly maxBytes: number;
  readonly maxDepth?: number;
}

/**
 * JSON that means the same to every reader. Beyond the grammar, refuses duplicate names, lone surrogates, numbers that
 * overflow and integers that a double would alter. A member named `__proto__` is an ordinary own property.
 */
export function parseJson(text: string, limits: ParseLimits): Json {
  const maxDepth = limits.maxDepth ?? maxJsonDepth;
  if (text.length > limits.maxBytes || (text.length * 3 > limits.maxBytes && utf8Length(text) > limits.maxBytes)) {
    throw new JsonFault("size", `the text is larger than ${limits.maxBytes} bytes`);
  }
  const value = nativeParse(text);
  // JSON.parse keeps the last of two equal names, so fewer members than colons means a duplicate.
  const members = value === undefined || !text.isWellFormed() ? -1 : count(value, maxDepth, text.includes("\\u"));
  if (value === undefined || members < 0 || members !== colons(text)) {
    scanJson(text, maxDepth);
    // Only integers beyond 2^53 that survive unaltered come here.
    if (value === undefined) throw new JsonFault("syntax", "the text is not JSON", text);
    return value;
  }
  return value;
}

function nativeParse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** Members in all objects of the value; -1 where it needs the slow scan. */
function count(value: Json, levels: number, escapes: boolean): number {
  if (typeof value === "number") return Number.isSafeInteger(value) || Math.abs(value) < 2 ** 53 ? 0 : -1;
  if (typeof value === "string") return escapes && !value.isWellFormed() ? -1 : 0;
  if (typeof value !== "object" || value === null) return 0;
  if (levels === 0) return -1;
  let sum = 0;
  if (Array.isArray(value)) {
    for (const item of value as readonly Json[]) {
      const inner = count(item, levels - 1, escapes);
      if (inner < 0) return -1;
      sum += inner;
    }
    return sum;
  }
  for (const name of Object.keys(value)) {
    if (escapes && !name.isWellFormed()) return -1;
    const inner = count((value as { readonly [member: string]: Json })[name] as Json, levels - 1, escapes);
    if (inner < 0) return -1;
    sum += 1 + inner;
  }
  return sum;
}

/** Colons outside strings, in a text that is known to be JSON. */
function colons(text: string): number {
  let found = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x3a) found++;
    else if (code === 0x22) {
      i = text.indexOf('"', i + 1);
      while (isEscaped(text, i)) i = text.indexOf('"', i + 1);
    }
  }
  return found;
}

function isEscaped(text: string, quoteAt: number): boolean {
  let slashes = 0;
  while (text.charCodeAt(quoteAt - 1 - slashes) === 0x5c) slashes++;
  return slashes % 2 === 1;
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}
