import type { Json, JsonObject } from "@countersign/contract";

/** Limits on a schema that somebody else wrote. */
export const schemaLimits = { chars: 262_144, depth: 64, nodes: 20_000 } as const;

const places = new Set(["$ref", "$dynamicRef", "$recursiveRef"]);
/** Members whose content is data, not schema. */
const data = new Set(["const", "enum", "default", "examples", "example"]);

/** Why a schema is not compiled; undefined where nothing speaks against it. Never quotes the schema. */
export function objectionTo(schema: JsonObject): string | undefined {
  let nodes = 0;
  let chars = 0;

  function visit(at: Json, depth: number, isNames: boolean): string | undefined {
    if (depth > schemaLimits.depth) return "schema-too-deep";
    if (++nodes > schemaLimits.nodes) return "schema-too-large";
    if (typeof at === "string") chars += at.length;
    if (chars > schemaLimits.chars) return "schema-too-large";
    if (typeof at !== "object" || at === null) return undefined;
    if (Array.isArray(at)) return firstOf(at, (item) => visit(item, depth + 1, false));
    return firstOf(Object.entries(at), ([member, value]) => {
      chars += member.length;
      // Ajv writes code that names these; no honest schema does.
      if (member === "__proto__") return "schema-hostile";
      if (!isNames && places.has(member) && typeof value === "string" && !value.startsWith("#"))
        return "schema-remote-reference";
      if (!isNames && data.has(member)) return undefined;
      return visit(value, depth + 1, !isNames && namesSchemas.has(member));
    });
  }

  return visit(schema, 0, false);
}

/** Members whose own members are names that the schema's author chose. */
const namesSchemas = new Set([
  "properties",
  "patternProperties",
  "$defs",
  "definitions",
  "dependentSchemas",
  "dependencies",
  "dependentRequired",
]);

function firstOf<T>(items: readonly T[], objection: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = objection(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
