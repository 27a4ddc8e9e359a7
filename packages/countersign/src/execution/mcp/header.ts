import type { Json, JsonObject } from "@countersign/contract";
import { isObject } from "./wire.ts";

const plain = /^(?![ \t])[\x20-\x7e\t]*(?<![ \t])$/;
const sentinel = /^=\?base64\?(.*)\?=$/s;

/** A value for `Mcp-Name` or `Mcp-Param-*`: as it is where that is safe, else Base64 between the revision's marks. */
export function encodeHeader(text: string): string {
  if (plain.test(text) && !sentinel.test(text)) return text;
  return `=?base64?${Buffer.from(text, "utf8").toString("base64")}?=`;
}

/** The text behind a header value; null where it is not a legal value. */
export function decodeHeader(value: string): string | null {
  const packed = sentinel.exec(value)?.[1];
  if (packed === undefined) return plain.test(value) ? value : null;
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(packed) || packed.length % 4 !== 0) return null;
  const bytes = Buffer.from(packed, "base64");
  const text = bytes.toString("utf8");
  return Buffer.from(text, "utf8").equals(bytes) ? text : null;
}

/** An argument that a tool's schema asks to see repeated in a header. */
export interface MirroredParam {
  readonly header: string;
  readonly path: readonly string[];
}

// Asked twice for each call, and a schema can be large.
const mirroredIn = new WeakMap<JsonObject, readonly MirroredParam[]>();

/** The `x-mcp-header` properties of a tool's input schema, however deep its `properties` nest. */
export function mirroredParams(schema: JsonObject): readonly MirroredParam[] {
  const known = mirroredIn.get(schema);
  if (known !== undefined) return known;
  const found = mirroredBelow(schema, []);
  mirroredIn.set(schema, found);
  return found;
}

function mirroredBelow(schema: JsonObject, path: readonly string[]): readonly MirroredParam[] {
  const properties = schema.properties;
  if (!isObject(properties) || path.length > 16) return [];
  return Object.entries(properties).flatMap(([name, property]) => {
    if (!isObject(property)) return [];
    const at = [...path, name];
    const header = property["x-mcp-header"];
    const own =
      typeof header === "string" && /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(header) ? [{ header, path: at }] : [];
    return [...own, ...mirroredBelow(property, at)];
  });
}

/** The text that a header must carry for this argument; null where the header must be absent. */
export function mirroredText(args: JsonObject, path: readonly string[]): string | null {
  let value: Json | undefined = args;
  for (const step of path) value = isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : null;
}

/** Whether a header's text says the same as the argument; numbers compare as numbers. */
export function mirrors(header: string, expected: string): boolean {
  if (header === expected) return true;
  const number = /^-?\d+(\.\d+)?$/;
  return number.test(header) && number.test(expected) && Number(header) === Number(expected);
}

/** The member that `Mcp-Name` repeats, where the method has one. */
export function namedBy(method: string, params: JsonObject): string | undefined {
  const member =
    method === "tools/call" || method === "prompts/get"
      ? "name"
      : method === "resources/read"
        ? "uri"
        : method === "tasks/get" || method === "tasks/update" || method === "tasks/cancel"
          ? "taskId"
          : undefined;
  const value = member === undefined ? undefined : params[member];
  return typeof value === "string" ? value : undefined;
}
