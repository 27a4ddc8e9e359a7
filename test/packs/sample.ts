import type { Json, JsonObject } from "@countersign/contract";

/** Arguments that a JSON Schema takes: the first of an enumeration, `sample` for a text, 1 for a number. */
export function sampleArguments(schema: JsonObject, all: boolean): JsonObject {
  return sampleOf(schema, all, schema) as JsonObject;
}

function sampleOf(schema: JsonObject, all: boolean, top: JsonObject): Json {
  const reference = schema.$ref;
  if (typeof reference === "string") return sampleOf(resolve(top, reference), all, top);
  if (schema.const !== undefined) return schema.const;
  if (Array.isArray(schema.enum)) return schema.enum[0] ?? null;
  const branch = [schema.anyOf, schema.oneOf].flat().find((one) => isObject(one) && one.type !== "null");
  if (isObject(branch)) return sampleOf(branch, all, top);
  const type = Array.isArray(schema.type) ? schema.type.find((one) => one !== "null") : schema.type;
  if (type === "object" || isObject(schema.properties)) {
    const properties = isObject(schema.properties) ? schema.properties : {};
    const required = Array.isArray(schema.required) ? schema.required : [];
    return Object.fromEntries(
      Object.entries(properties)
        .filter(([name]) => all || required.includes(name))
        .map(([name, member]) => [name, isObject(member) ? sampleOf(member, all, top) : "sample"]),
    );
  }
  if (type === "array") return [isObject(schema.items) ? sampleOf(schema.items, all, top) : "sample"];
  if (type === "integer" || type === "number") return 1;
  return type === "boolean" ? false : "sample";
}

function resolve(top: JsonObject, reference: string): JsonObject {
  let at: Json | undefined = top;
  for (const segment of reference.slice(2).split("/")) at = isObject(at) ? at[segment] : undefined;
  return isObject(at) ? at : {};
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
