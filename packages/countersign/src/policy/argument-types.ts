import { canonical, type Json, type JsonObject } from "@countersign/contract";
import type { Attribute, Shape } from "../catalog/normalise/shape.ts";
import { matched } from "./matched.ts";
import type { ToolShape } from "./policy.ts";

/** What Cedar can say about an argument. Every attribute is optional to a policy, which must ask with `has` first. */
export type ArgumentType =
  | { readonly kind: "string" | "long" | "boolean" | "decimal" }
  | { readonly kind: "set"; readonly of: ArgumentType }
  | { readonly kind: "record"; readonly attributes: ArgumentTypes }
  /** The normalised arguments, by name: always there, each optional, and each whole where it is there. */
  | { readonly kind: "parsed"; readonly of: { readonly [name: string]: ArgumentTypes } };
export type ArgumentTypes = { readonly [name: string]: ArgumentType };

const deepest = 4;
const mostAttributes = 200;

// Cedar's JSON reads these keys as references, and JavaScript reads `__proto__` as one.
const reserved = new Set(["__entity", "__extn", "__expr", "__proto__"]);

/** The attributes of a tool's arguments that policies may name. What has no Cedar type cannot be named by a policy. */
export function argumentTypes(tool: ToolShape): ArgumentTypes {
  const root = tool.inputSchema;
  const own = withoutParsed(attributesOf(root, root, deepest), tool);
  const added = Object.entries(tool.projected ?? {}).flatMap(([name, schema]) => {
    const type = reserved.has(name) ? undefined : typeOf(schema, root, deepest);
    return type === undefined ? [] : [[name, type] as const];
  });
  return { ...own, ...Object.fromEntries(added), ...parsedTypes(tool) };
}

/** What is the catalog's to give, no argument of that name stands in for. */
function withoutParsed(own: ArgumentTypes, tool: ToolShape): ArgumentTypes {
  if (tool.parsed === undefined) return own;
  return Object.fromEntries(Object.entries(own).filter(([name]) => name !== "parsed" && !name.startsWith("parsed.")));
}

function parsedTypes(tool: ToolShape): ArgumentTypes {
  if (tool.parsed === undefined) return {};
  const named = Object.entries(tool.parsed).filter(([name]) => !reserved.has(name) && name.isWellFormed());
  return { parsed: { kind: "parsed", of: Object.fromEntries(named.map(([name, shape]) => [name, typesOf(shape)])) } };
}

/** One text for what the catalog makes of an argument, by which limits count its values; empty where it makes nothing of it. */
export function readingOf(types: ArgumentTypes | undefined, name: string): string {
  const parsed = types !== undefined && Object.hasOwn(types, "parsed") ? types.parsed : undefined;
  if (parsed?.kind !== "parsed" || !Object.hasOwn(parsed.of, name)) return "";
  return canonical(parsed.of[name] as unknown as Json);
}

function typesOf(shape: Shape): ArgumentTypes {
  return Object.fromEntries(Object.entries(shape).map(([name, attribute]) => [name, attributeTypes[attribute]]));
}

const attributeTypes: { readonly [attribute in Attribute]: ArgumentType } = {
  text: { kind: "string" },
  texts: { kind: "set", of: { kind: "string" } },
  long: { kind: "long" },
  longs: { kind: "set", of: { kind: "long" } },
  boolean: { kind: "boolean" },
};

function attributesOf(schema: JsonObject, root: JsonObject, depth: number): ArgumentTypes {
  const properties = schema.properties;
  if (!isObject(properties)) return {};
  const attributes: [string, ArgumentType][] = [];
  for (const [name, value] of Object.entries(properties)) {
    if (attributes.length >= mostAttributes) break;
    if (reserved.has(name) || name === "" || !name.isWellFormed()) continue;
    const type = typeOf(value, root, depth);
    if (type !== undefined) attributes.push([name, type]);
  }
  return Object.fromEntries(attributes);
}

function typeOf(given: Json | undefined, root: JsonObject, depth: number): ArgumentType | undefined {
  if (depth === 0 || !isObject(given)) return undefined;
  const schema = withoutNull(resolve(given, root));
  if (schema === undefined) return undefined;
  if (schema !== given && schema.$ref !== undefined) return typeOf(schema, root, depth - 1);
  switch (schema.type) {
    case "string":
      return { kind: "string" };
    case "integer":
      return { kind: "long" };
    case "boolean":
      return { kind: "boolean" };
    case "number":
      return { kind: "decimal" };
    case "array": {
      const of = typeOf(schema.items, root, depth - 1);
      return of === undefined ? undefined : { kind: "set", of };
    }
    case "object":
      return { kind: "record", attributes: attributesOf(schema, root, depth - 1) };
    default:
      return allStrings(schema.enum) ? { kind: "string" } : undefined;
  }
}

function allStrings(values: Json | undefined): boolean {
  return Array.isArray(values) && values.length > 0 && values.every((value) => typeof value === "string");
}

/** One step through a local `$ref`. */
function resolve(schema: JsonObject, root: JsonObject): JsonObject {
  const ref = schema.$ref;
  const match =
    typeof ref === "string" ? matched<[string, string]>(/^#\/(\$defs|definitions)\/([^/~]+)$/, ref) : undefined;
  if (match === undefined) return schema;
  const [list, name] = match;
  const defined = root[list];
  const target = isObject(defined) ? member(defined, name) : undefined;
  return isObject(target) ? target : schema;
}

/** `X | null`, in the ways that JSON Schema writes it, as X: a null argument is an absent one. */
function withoutNull(schema: JsonObject): JsonObject | undefined {
  const { type } = schema;
  if (Array.isArray(type)) {
    const [kind, ...more] = type.filter((one) => one !== "null");
    return kind !== undefined && more.length === 0 ? { ...schema, type: kind } : undefined;
  }
  const choices = schema.anyOf ?? schema.oneOf;
  if (!Array.isArray(choices)) return schema;
  const others = choices.filter((choice) => !isObject(choice) || choice.type !== "null");
  return others.length === 1 && isObject(others[0]) ? others[0] : undefined;
}

function member(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
