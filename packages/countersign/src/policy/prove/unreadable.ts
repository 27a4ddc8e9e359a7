import type { Json, JsonObject } from "@countersign/contract";
import { uncleanMember } from "../../catalog/normalise/shape.ts";
import type { ArgumentType, ArgumentTypes } from "../argument-types.ts";
import { largestDecimal, longestString, mostElements } from "../project-arguments.ts";
import { readsArgument } from "../syntax.ts";

/** What one side reads of a call's arguments. */
export interface Reading {
  readonly types: ArgumentTypes;
  readonly reads: readonly string[] | null;
}

/**
 * Arguments that this side reads and another does not, or not as the same type: a value without an exact form denies here
 * alone. What both read alike denies in both, which is no difference.
 */
export function readHereAlone(here: Reading, there: Reading): readonly string[] {
  const others = namedTypes(there);
  return [...namedTypes(here)].flatMap(([name, type]) => (others.get(name) === type ? [] : [name]));
}

/** Every argument that is read, `parsed` by its parts, with a text that is equal for equal types. */
function namedTypes({ types, reads }: Reading): ReadonlyMap<string, string> {
  const all = Object.entries(types).flatMap(([name, type]): (readonly [string, unknown])[] =>
    type.kind === "parsed" ? Object.entries(type.of).map(([part, of]) => [`parsed.${part}`, of]) : [[name, type]],
  );
  return new Map(all.flatMap(([name, type]) => (readsArgument(reads, name) ? [[name, JSON.stringify(type)]] : [])));
}

/** A value that has no exact form for a policy; one that the tool's own schema takes, wherever its type has such a value. */
export function unreadable(type: ArgumentType): Json {
  switch (type.kind) {
    case "string":
      return "x".repeat(longestString + 1);
    case "long":
      return Number.MAX_SAFE_INTEGER + 1;
    case "decimal":
      return largestDecimal * 2;
    case "boolean":
      return "neither true nor false";
    case "set":
      return type.of.kind === "string" ? Array.from({ length: mostElements + 1 }, () => "") : [unreadable(type.of)];
    case "record": {
      const [first] = Object.entries(type.attributes);
      return first === undefined ? "no object" : { [first[0]]: unreadable(first[1]) };
    }
    case "parsed":
      return Object.fromEntries(Object.keys(type.of).map((part) => [part, unclean]));
  }
}

/** What a normaliser leaves where a value is not clean. */
export const unclean: JsonObject = { [uncleanMember]: "it has no clean form" };
