import type { Integrity, Json } from "@countersign/contract";
import type { ResultLabels } from "../catalog/index.ts";
import { endorses } from "./endorse.ts";

/** One value that an answer brought into a run. */
export interface Value {
  readonly text: string;
  readonly integrity: Integrity;
}

const deepest = 64;

/** Every value of an answer with the label that its tool's rule gives it; a text that is JSON is read as what it says. */
export function valuesOf(result: Json, labels: ResultLabels): readonly Value[] {
  const fields = labels.fields.map((field) => ({ ...field, segments: field.at.split(".") }));
  // Where some members are less trusted than the whole, a text that shows no members is as little trusted.
  const whole = hasUntrusted(labels) ? "untrusted" : labels.integrity;
  const found: Value[] = [];
  const walk = (value: Json, path: readonly string[], isStructured: boolean): void => {
    if (path.length > deepest) return;
    if (typeof value === "string" || typeof value === "number") {
      found.push({ text: String(value), integrity: isStructured ? integrityAt(path, value) : whole });
      return;
    }
    if (value === null || typeof value === "boolean") return;
    for (const [name, inner] of Object.entries(value))
      if (inner !== undefined) walk(inner, [...path, name], isStructured);
  };
  const integrityAt = (path: readonly string[], value: string | number): Integrity => {
    for (const { segments, integrity, endorse } of fields) {
      if ((integrity === undefined && endorse === undefined) || !fits(segments, path)) continue;
      if (endorse !== undefined) return endorses(endorse, value) ? "trusted" : "untrusted";
      return integrity ?? labels.integrity;
    }
    return labels.integrity;
  };
  for (const { value, isStructured } of partsOf(result)) walk(value, [], isStructured);
  return found;
}

/** Whether a part of such an answer may be what others wrote. */
export function hasUntrusted({ integrity, fields }: ResultLabels): boolean {
  return (
    integrity === "untrusted" || fields.some((field) => field.integrity === "untrusted" || field.endorse !== undefined)
  );
}

interface Part {
  readonly value: Json;
  readonly isStructured: boolean;
}

/** What an MCP answer holds: its structured content, each of its texts, and whatever else it says. */
function partsOf(result: Json): readonly Part[] {
  if (typeof result !== "object" || result === null || Array.isArray(result))
    return [{ value: result, isStructured: true }];
  const { structuredContent, content, contents, ...rest } = result as { readonly [member: string]: Json };
  const parts: Part[] = [{ value: rest, isStructured: false }];
  if (structuredContent !== undefined) parts.push({ value: structuredContent, isStructured: true });
  const texts = [content, contents].flatMap((list): readonly Json[] =>
    list === undefined ? [] : Array.isArray(list) ? list : [list],
  );
  // What the server says has members is one text and nothing else: of several, one may be what somebody else wrote.
  const isWhole = structuredContent === undefined && texts.length === 1;
  return [...parts, ...texts.map((one) => (isWhole ? partOf(one) : { value: one, isStructured: false }))];
}

function partOf(one: Json): Part {
  const text = typeof one === "object" && one !== null && "text" in one ? one.text : undefined;
  const read = typeof text === "string" ? asJson(text) : undefined;
  return read === undefined ? { value: one, isStructured: false } : { value: read, isStructured: true };
}

/** What a text says that is a list or has members. */
export function asJson(text: string): Json | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function fits(segments: readonly string[], path: readonly string[]): boolean {
  return segments.length === path.length && segments.every((segment, at) => segment === "*" || segment === path[at]);
}
