import type { Json, JsonObject } from "@countersign/contract";
import type { Ajv } from "ajv";
import type { Clock } from "../floor/clock.ts";

/** Schemas can be written so that validation takes exponential time; each subschema visited is a step, and they run out. */
export interface Steps {
  begin(): void;
  install(ajv: Pick<Ajv, "addKeyword" | "removeKeyword">): void;
}

const mostSteps = 500_000;
const mostMs = 250;
const keyword = "countersign-step";

export function createSteps(clock: Clock): Steps {
  let left = mostSteps;
  let until = 0;
  return {
    begin() {
      left = mostSteps;
      until = clock.tick() + mostMs;
    },
    install(ajv) {
      ajv.addKeyword({
        keyword,
        before: "$ref",
        validate: () => {
          if (--left < 0 || (left % 1024 === 0 && clock.tick() > until)) throw new RangeError("too many steps");
          return true;
        },
      });
      // Ajv compares every pair of items, which is quadratic.
      ajv.removeKeyword("uniqueItems");
      ajv.addKeyword({
        keyword: "uniqueItems",
        type: "array",
        validate: (wanted: boolean, items: readonly Json[]) => {
          left -= items.length;
          return wanted !== true || new Set(items.map(keyOf)).size === items.length;
        },
      });
    },
  };
}

/** The schema with a step in every subschema; members that are data or names are left as they are. */
export function withSteps(schema: JsonObject): JsonObject {
  return stepped(schema) as JsonObject;
}

const one = new Set([
  "not",
  "if",
  "then",
  "else",
  "items",
  "additionalItems",
  "contains",
  "additionalProperties",
  "unevaluatedItems",
  "unevaluatedProperties",
  "propertyNames",
]);
const lists = new Set(["allOf", "anyOf", "oneOf", "prefixItems", "items"]);
const maps = new Set(["properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"]);

function stepped(schema: Json): Json {
  if (typeof schema !== "object" || schema === null || isList(schema)) return schema;
  const members = Object.entries(schema).map(([member, value]): [string, Json] => {
    if (lists.has(member) && isList(value)) return [member, value.map(stepped)];
    if (maps.has(member) && typeof value === "object" && value !== null && !isList(value)) {
      return [member, Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, stepped(inner)]))];
    }
    return [member, one.has(member) ? stepped(value) : value];
  });
  return { [keyword]: true, ...Object.fromEntries(members) };
}

function keyOf(value: Json): string {
  if (typeof value !== "object" || value === null) return `${typeof value}:${String(value)}`;
  if (isList(value)) return `[${value.map(keyOf).join(",")}]`;
  const members = Object.keys(value).sort();
  return `{${members.map((member) => `${JSON.stringify(member)}:${keyOf(value[member] ?? null)}`).join(",")}}`;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
