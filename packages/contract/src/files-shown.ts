import { canonical } from "./canonical.ts";
import type { Json, JsonObject } from "./json.ts";

/** A file that a request is about, and what the request has of it. */
export interface FileShown {
  readonly name: string;
  readonly value: JsonObject;
}

const names = ["path", "filename", "file_path", "new_path", "file"] as const;
const mostDepth = 8;
const mostText = 1_000_000;

/** How many files are parts of their own. */
export const mostFilesShown = 300;

/**
 * The files that a request lists: records of a list that name a path, in what is there now and in the arguments. What is
 * there now may be a text that is JSON, as servers answer. Each once, in order. Pure.
 */
export function filesShown({ args, before }: { readonly args?: Json; readonly before?: Json }): readonly FileShown[] {
  const found = filesIn(before, false);
  const all = [...(found.length === 0 ? filesIn(before, true) : found), ...filesIn(args, false)];
  const known = new Map<string, FileShown>();
  for (const one of all) {
    const key = canonical(one.value);
    if (!known.has(key)) known.set(key, one);
  }
  return [...known.values()];
}

function filesIn(value: Json | undefined, readsTexts: boolean, depth = 0): readonly FileShown[] {
  if (value === undefined || depth > mostDepth) return [];
  if (typeof value === "string") return readsTexts ? filesIn(parsed(value), false, depth + 1) : [];
  if (isList(value)) return value.flatMap((one) => fileOf(one) ?? filesIn(one, readsTexts, depth + 1));
  if (!isRecord(value)) return [];
  return Object.values(value).flatMap((one) => filesIn(one, readsTexts, depth + 1));
}

function fileOf(value: Json): FileShown | undefined {
  if (!isRecord(value)) return undefined;
  const found = names.map((name) => (Object.hasOwn(value, name) ? value[name] : undefined));
  const name = found.find((one): one is string => typeof one === "string" && one !== "");
  return name === undefined ? undefined : { name, value };
}

function parsed(text: string): Json | undefined {
  if (text.length > mostText || !/^\s*[[{]/.test(text)) return undefined;
  try {
    const value: Json = JSON.parse(text);
    // Throws where it has no one form, or is nested too deep.
    canonical(value);
    return value;
  } catch {
    return undefined;
  }
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isRecord(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
