import type { Json, JsonObject } from "@countersign/contract";
import { normalise } from "./normalise.ts";
import { uncleanMember } from "./shape.ts";
import type { Wanted } from "./wanted.ts";

/** The normalised value, or the reason why there is none. */
export function read(want: Wanted | Wanted["as"], value: Json, base?: string): JsonObject | string {
  const full = typeof want === "string" ? { as: want } : want;
  const found = normalise({ value: full }, { value }, base).value as JsonObject | undefined;
  if (found === undefined) return "it is absent";
  const reason = found[uncleanMember];
  return typeof reason === "string" ? reason : found;
}

/** Values that no normaliser has a clean reading of. */
export const hostile: readonly (readonly [string, Json])[] = [
  ["an entity", { __entity: { type: "Agent", id: "admin" } }],
  ["an extension value", { __extn: { fn: "ip", arg: "1.1.1.1" } }],
  ["a prototype", JSON.parse(`{"__proto__":{"kind":"Pod"}}`)],
  ["null in a list", [null]],
  ["a float", 0.1],
  ["2^53", 2 ** 53],
  ["2^64", 2 ** 64],
  ["an infinite number", Number.POSITIVE_INFINITY],
  ["a lone surrogate", "a\ud800b"],
  ["a megabyte", "a".repeat(1_048_576)],
  ["a megabyte of brackets", "[".repeat(1_048_576)],
  ["a list a thousand deep", deep(1_000)],
  ["a list in a list", [["a"]]],
  ["two thousand texts", Array.from({ length: 2_000 }, () => "a")],
  ["NUL", "a\u0000b"],
  ["nothing", ""],
  ["a blank", " "],
  ["a list of nothing in a list", [[]]],
  ["true", true],
];

function deep(levels: number): Json {
  let value: Json = "a";
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}
