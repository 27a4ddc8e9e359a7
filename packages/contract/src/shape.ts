import { type Bytes, fromBase64, textOf } from "./bytes.ts";
import { canonical } from "./canonical.ts";
import { Flaw } from "./flaw.ts";
import type { Json, JsonObject } from "./json.ts";
import { parseJson } from "./parse.ts";

/** A payload may be as deep as `canonical` allows and lies some levels down in its statement. */
export const documentDepth = 80;
const maxBytes = 64 * 1024 * 1024;

/** The value of bytes that are exactly one canonical JSON text and nothing else. */
export function readDocument(bytes: Uint8Array, at: string): Json {
  const text = textOf(bytes);
  if (text === undefined) throw new Flaw("json", at, "the bytes are not UTF-8");
  let value: Json;
  try {
    value = parseJson(text, { maxBytes, maxDepth: documentDepth });
  } catch (fault) {
    throw new Flaw("json", at, fault instanceof Error ? fault.message : "the text is not JSON");
  }
  if (canonical(value, documentDepth) !== text) {
    throw new Flaw("canonical", at, "the text is not in its canonical form: something was added, moved or respelt");
  }
  return value;
}

/** An object with all of `required`, perhaps some of `optional`, and nothing else. */
export function readMembers(
  value: Json | undefined,
  at: string,
  required: readonly string[],
  optional: readonly string[] = [],
): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Flaw("shape", at, "an object should be here");
  }
  const members = value as JsonObject;
  for (const name of required) {
    if (!Object.hasOwn(members, name)) throw new Flaw("shape", at, `the member \`${name}\` is missing`);
  }
  for (const name of Object.keys(members)) {
    if (!required.includes(name) && !optional.includes(name)) {
      throw new Flaw("shape", at, `the member \`${name}\` is not known`);
    }
  }
  return members;
}

export function readList(value: Json | undefined, at: string): readonly Json[] {
  if (!Array.isArray(value)) throw new Flaw("shape", at, "a list should be here");
  return value as readonly Json[];
}

export function readText(value: Json | undefined, at: string, form?: RegExp): string {
  if (typeof value !== "string") throw new Flaw("shape", at, "a string should be here");
  if (form !== undefined && !form.test(value))
    throw new Flaw("shape", at, "the string has not the form it should have");
  return value;
}

/** From 0 to 2^53-1. */
export function readCount(value: Json | undefined, at: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    throw new Flaw("shape", at, "a whole number from 0 should be here");
  }
  return value;
}

export function readBase64(value: Json | undefined, at: string, length?: number): Bytes {
  const bytes = fromBase64(readText(value, at));
  if (bytes === undefined || (length !== undefined && bytes.length !== length)) {
    throw new Flaw(
      "base64",
      at,
      length === undefined ? "base64 should be here" : `${length} bytes in base64 should be here`,
    );
  }
  return bytes;
}
