import type { CedarValueJson } from "@cedar-policy/cedar-wasm/nodejs";
import type { Json, JsonObject } from "@countersign/contract";
import { uncleanMember } from "../catalog/normalise/shape.ts";
import { type ArgumentType, type ArgumentTypes, isObject } from "./argument-types.ts";
import { readsArgument } from "./syntax.ts";

export interface Projected {
  readonly record: { readonly [name: string]: CedarValueJson };
  /** Arguments, by their first name, whose value has no exact form in Cedar. A policy that reads one must not decide. */
  readonly dropped: readonly { readonly name: string; readonly reason: string }[];
}

export const longestString = 262_144;
export const mostElements = 10_000;
export const largestDecimal = 900_000_000_000;

class Unfit extends Error {}

/**
 * The arguments as Cedar values of the types that the tool declares. Values are rebuilt by type, so that nothing an agent
 * sends is ever read as a reference: a record holds declared names only, and a string stays a string.
 */
export function projectArguments(args: JsonObject, types: ArgumentTypes, reads: readonly string[] | null): Projected {
  const record: { [name: string]: CedarValueJson } = {};
  const dropped: { name: string; reason: string }[] = [];
  for (const name of reads === null ? Object.keys(types) : firstNames(reads)) {
    const type = Object.hasOwn(types, name) ? types[name] : undefined;
    const value = Object.hasOwn(args, name) ? args[name] : undefined;
    if (type?.kind === "parsed") {
      // Where there is no such object it is not there: the policy that reads it errs, and an error denies.
      if (isObject(value)) record[name] = projectParsed(value, type.of, reads, dropped);
      continue;
    }
    if (type === undefined || value === undefined || value === null) continue;
    try {
      record[name] = project(value, type);
    } catch (fault) {
      if (!(fault instanceof Unfit)) throw fault;
      dropped.push({ name, reason: fault.message });
    }
  }
  return { record, dropped };
}

/** `parsed.<name>` is a part of `parsed`, where the type has such parts. */
function firstNames(reads: readonly string[]): readonly string[] {
  if (!reads.some((name) => name.startsWith("parsed."))) return reads;
  return [...new Set(reads.map((name) => (name.startsWith("parsed.") ? "parsed" : name)))];
}

/** What the normalisers gave. One that is not clean is left out and named: no policy may take it for absent. */
function projectParsed(
  values: JsonObject,
  types: { readonly [name: string]: ArgumentTypes },
  reads: readonly string[] | null,
  dropped: { name: string; reason: string }[],
): { readonly [name: string]: CedarValueJson } {
  const record: { [name: string]: CedarValueJson } = {};
  for (const [name, attributes] of Object.entries(types)) {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined || !readsArgument(reads, `parsed.${name}`)) continue;
    try {
      record[name] = whole(value, attributes);
    } catch (fault) {
      if (!(fault instanceof Unfit)) throw fault;
      dropped.push({ name: `parsed.${name}`, reason: fault.message });
    }
  }
  return record;
}

/** Every attribute is there, or nothing is. */
function whole(value: Json, attributes: ArgumentTypes): CedarValueJson {
  if (!isObject(value)) throw new Unfit("it is no normalised value");
  if (typeof value[uncleanMember] === "string") throw new Unfit(value[uncleanMember]);
  const record: { [name: string]: CedarValueJson } = {};
  for (const [name, type] of Object.entries(attributes)) {
    const inner = Object.hasOwn(value, name) ? value[name] : undefined;
    if (inner === undefined) throw new Unfit("it is no normalised value of this kind");
    record[name] = project(inner, type);
  }
  return record;
}

function project(value: Json, type: ArgumentType): CedarValueJson {
  switch (type.kind) {
    case "parsed":
      throw new Unfit("it is no argument");
    case "string":
      if (typeof value !== "string") throw new Unfit("it is no string");
      // The policy would see another string than the upstream does.
      if (!value.isWellFormed()) throw new Unfit("it holds half of a surrogate pair");
      if (value.length > longestString) throw new Unfit("it is too long for a policy to read");
      return value;
    case "boolean":
      if (typeof value !== "boolean") throw new Unfit("it is neither true nor false");
      return value;
    case "long":
      if (typeof value !== "number" || !Number.isSafeInteger(value))
        throw new Unfit("it is no integer, or too large to be exact");
      return value + 0; // -0 becomes 0
    case "decimal":
      return { __extn: { fn: "decimal", arg: decimal(value) } };
    case "set":
      if (!Array.isArray(value)) throw new Unfit("it is no list");
      if (value.length > mostElements) throw new Unfit("it is too long a list for a policy to read");
      return value.map((element: Json) => project(element, type.of));
    case "record": {
      if (!isObject(value)) throw new Unfit("it is no object");
      const inner = projectArguments(value, type.attributes, null);
      const first = inner.dropped[0];
      if (first !== undefined) throw new Unfit(`in \`${first.name}\` ${first.reason}`);
      return { ...inner.record };
    }
  }
}

/** Cedar's decimal has four places; a number that needs more has no exact form. */
function decimal(value: Json): string {
  if (typeof value !== "number" || !Number.isFinite(value)) throw new Unfit("it is no number");
  const text = value.toFixed(4);
  if (Math.abs(value) > largestDecimal || Number(text) !== value)
    throw new Unfit("it has more than four decimal places, or is too large");
  return text;
}
