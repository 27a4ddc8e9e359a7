import type { Json } from "./json.ts";
import { JsonFault } from "./json-fault.ts";
import { type Label, shapeOf } from "./member-order.ts";
import { quote, quoted } from "./quote.ts";

/** Arrays and objects inside one another that `canonical` and `parseJson` follow. */
export const maxJsonDepth = 64;

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
  const { sorted, labels } = shapeOf(names);
  let text = "";
  let isOpen = false;
  for (let i = 0; i < sorted.length; i++) {
    const value = members[sorted[i] as string] as Json;
    const label = labels[i] as Label;
    if (typeof value === "string") {
      text += isOpen ? label.closingThenText : label.thenText;
      text += quoted(value);
      isOpen = true;
    } else {
      text += isOpen ? label.closing : label.text;
      text += write(value, levels);
      isOpen = false;
    }
  }
  return isOpen ? `${text}"}` : `${text}}`;
}
