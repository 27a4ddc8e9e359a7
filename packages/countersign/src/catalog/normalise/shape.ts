import type { Json, JsonObject } from "@countersign/contract";

/** The type of one attribute of a normalised value, as policies see it. */
export type Attribute = "text" | "texts" | "long" | "longs" | "boolean";

/** Every attribute of a normalised value; all of them are always there. */
export type Shape = { readonly [attribute: string]: Attribute };

/** What one normaliser makes of one argument's value. Pure and total but for `Unclean`, in steps linear in the value. */
export interface Normaliser {
  readonly shape: Shape;
  /** What it reads, as JSON Schema types. */
  readonly takes: readonly ("string" | "number" | "integer" | "array" | "object")[];
  readonly read: (value: Json, options: NormaliserOptions) => JsonObject;
}

export interface NormaliserOptions {
  /** What relative paths lie in. */
  readonly base?: string;
  /** True where `base` is the rule's own: a path of a repository, which has no folder above it. */
  readonly closed?: boolean;
  readonly unit?: "major" | "minor";
  readonly currency?: string;
}

/** The value is not one clean value of its kind. The message holds nothing of the value. */
export class Unclean extends Error {}

/** In place of a value that is not clean: why. No normaliser gives a member of this name. */
export const uncleanMember = "unclean";

const most = 1_000;

/** The value as a list of texts: one text is a list of one. */
export function textsOf(value: Json): readonly string[] {
  const list: readonly Json[] = Array.isArray(value) ? value : [value as Json];
  if (list.length > most) throw new Unclean("it is too long a list");
  return list.map((one) => {
    if (typeof one !== "string") throw new Unclean("it is no text");
    return one;
  });
}

const mostText = 1_000_000;

/** What is above a path or a domain grows with its length times its depth: over all of them, it stays small. */
export function requireSmall(texts: readonly string[], separator: "/" | "."): void {
  let size = 0;
  for (const text of texts) {
    let depth = 1;
    for (const char of text) if (char === separator) depth++;
    size += text.length * depth;
  }
  if (size > mostText) throw new Unclean("there is too much of it");
}

/** Sorted and each once, so that equal values have one form. */
export function setOf<T extends string | number>(values: Iterable<T>): readonly T[] {
  return [...new Set(values)].sort((one, other) => (one < other ? -1 : one > other ? 1 : 0));
}

/** What stands in each of the lists; nothing where there is no list. */
export function inAll(lists: readonly (readonly string[])[]): readonly string[] {
  const [first = [], ...rest] = lists;
  const others = rest.map((list) => new Set(list));
  return setOf(first.filter((one) => others.every((other) => other.has(one))));
}

export function isRecord(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
