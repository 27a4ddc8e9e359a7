import type { Json } from "@countersign/contract";
import { type Found, mergeSpans } from "./view.ts";

/** Where a text stands in a value. `name` is the field that holds it, or the object whose key it is, where there is one. */
export interface Place {
  readonly name?: string;
  readonly isKey: boolean;
}

export type Find = (text: string, place: Place) => readonly Found[];

export interface Redacted {
  readonly value: Json;
  /** How many stretches were cut. */
  readonly count: number;
  /** Their kinds, without repeats. */
  readonly rules: readonly string[];
  /** Where they were, as JSON pointers into the given value; a redacted key stands in them redacted. */
  readonly evidence: readonly { readonly pointer: string; readonly rule: string }[];
}

const deepest = 256;

/**
 * Puts `[redacted: rule]` where `find` objects, in values and in keys, and keeps the shape. Pure; a value in which
 * nothing is found comes back as the very same object. Throws where a value is nested more than 256 deep.
 */
export function redact(value: Json, find: Find): Redacted {
  const evidence: { pointer: string; rule: string }[] = [];
  const rules = new Set<string>();
  let count = 0;

  function cutText(text: string, place: Place, pointer: string): string {
    const found = find(text, place);
    if (found.length === 0) return text;
    for (const { rule } of found) {
      evidence.push({ pointer, rule });
      rules.add(rule);
    }
    count += found.length;
    return cut(text, found);
  }

  function walk(at: Json, pointer: string, depth: number, name?: string): Json {
    if (depth > deepest) throw new RangeError("nested too deep");
    if (typeof at === "string")
      return cutText(at, name === undefined ? { isKey: false } : { isKey: false, name }, pointer);
    if (typeof at === "number") {
      const text = String(at);
      const clean = text.length < 8 ? text : cutText(text, { isKey: false }, pointer);
      return clean === text ? at : clean;
    }
    if (at === null || typeof at === "boolean") return at;
    if (isList(at)) return walkList(at, pointer, depth, name);
    return walkObject(at, pointer, depth, name);
  }

  function walkList(list: readonly Json[], pointer: string, depth: number, name?: string): Json {
    let changed = false;
    const clean = list.map((item, i) => {
      const next = walk(item, `${pointer}/${i}`, depth + 1, name);
      if (next !== item) changed = true;
      return next;
    });
    return changed ? clean : list;
  }

  function walkObject(
    object: { readonly [member: string]: Json },
    pointer: string,
    depth: number,
    within?: string,
  ): Json {
    let changed = false;
    const members: [string, Json][] = [];
    const taken = new Set<string>();
    const label = labelOf(object);
    for (const [key, item] of Object.entries(object)) {
      const cleanKey = cutText(key, within === undefined ? { isKey: true } : { isKey: true, name: within }, pointer);
      const name = label !== undefined && (key === "value" || key === "val") ? label : key;
      const next = walk(item, `${pointer}/${escapeStep(cleanKey)}`, depth + 1, name);
      if (next !== item || cleanKey !== key) changed = true;
      members.push([cleanKey === key ? key : unused(cleanKey, taken), next]);
      taken.add(members.at(-1)?.[0] ?? key);
    }
    // `fromEntries` defines members, so that a key `__proto__` stays a plain member.
    return changed ? Object.fromEntries(members) : object;
  }

  const clean = walk(value, "", 0);
  return { value: clean, count, rules: [...rules], evidence };
}

/** The text with each stretch replaced by the name of the rule that objected. */
export function cut(text: string, found: readonly Found[]): string {
  let clean = "";
  let from = 0;
  for (const span of mergeSpans(found)) {
    clean += `${text.slice(from, span.start)}[redacted: ${span.rule}]`;
    from = span.end;
  }
  return clean + text.slice(from);
}

/** `{ name: "DB_PASSWORD", value: "…" }`, as containers and forms write settings: the name speaks for the value. */
function labelOf(object: { readonly [member: string]: Json }): string | undefined {
  for (const member of ["name", "key", "header", "variable"]) {
    const label = object[member];
    if (typeof label === "string" && ("value" in object || "val" in object)) return label;
  }
  return undefined;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function unused(key: string, taken: ReadonlySet<string>): string {
  let candidate = key;
  for (let n = 2; taken.has(candidate); n++) candidate = `${key} ${n}`;
  return candidate;
}

function escapeStep(step: string): string {
  return step.replaceAll("~", "~0").replaceAll("/", "~1");
}
