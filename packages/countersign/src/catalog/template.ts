import type { Json, JsonObject } from "@countersign/contract";
import { Problem } from "../floor/problem.ts";
import { ambiguous, manifest } from "./normalise/manifest.ts";

/** Roots that a template may name: `args`, `before`, `result`, `parsed`; `item` inside `$each`. */
export type Scope = { readonly [root: string]: Json | undefined };

const whole = /^\{\{([^{}]+)\}\}$/;
const part = /\{\{([^{}]*)\}\}/g;

/**
 * Puts values where `{{root.member.0.member}}` stands; `*` maps over a list and flattens, `$json` reads a text as JSON
 * and `$yaml` as one document of YAML.
 * A string that is one reference keeps the value's type. `{ $each: list, $give: template }` gives one value per `item`.
 * An unknown reference is an `invalid` problem, never an empty string.
 */
export function fillTemplate(template: Json, scope: Scope): Json {
  if (typeof template === "string") return evaluateText(template, scope);
  if (template === null || typeof template !== "object") return template;
  if (isList(template)) return template.map((element) => fillTemplate(element, scope));
  if (Object.hasOwn(template, "$each")) return evaluateEach(template, scope);
  // INVARIANT: values that were put in are never evaluated again, so an argument that holds `{{…}}` stays text.
  return Object.fromEntries(Object.entries(template).map(([name, value]) => [name, fillTemplate(value, scope)]));
}

/** `fillTemplate` for the arguments of a call, member by member. */
export function fillMembers(template: JsonObject, scope: Scope): JsonObject {
  return Object.fromEntries(Object.entries(template).map(([name, value]) => [name, fillTemplate(value, scope)]));
}

/** The first of the templates whose every reference is known, as text. */
export function firstText(templates: readonly string[], scope: Scope): string | undefined {
  for (const template of templates) {
    let complete = true;
    const text = template.replace(part, (_, path: string) => {
      const value = look(scope, path);
      if (isPrintable(value)) return String(value);
      complete = false;
      return "";
    });
    if (complete) return text;
  }
  return undefined;
}

/** The value at `path`, own members only; undefined where there is none. */
export function look(scope: Scope, path: string): Json | undefined {
  const [root, ...segments] = path.split(".");
  const value = root !== undefined && Object.hasOwn(scope, root) ? scope[root] : undefined;
  return value === undefined ? undefined : step(value, segments, 0);
}

function step(value: Json, segments: readonly string[], at: number): Json | undefined {
  const segment = segments[at];
  if (segment === undefined) return value;
  if (segment === "*") return isList(value) ? spread(value, segments, at + 1) : undefined;
  if (segment === "$json") return typeof value === "string" ? stepInto(value, segments, at + 1) : undefined;
  if (segment === "$yaml") return typeof value === "string" ? stepIntoYaml(value, segments, at + 1) : undefined;
  if (value === null || typeof value !== "object") return undefined;
  if (isList(value)) {
    const element = /^(?:0|[1-9]\d{0,8})$/.test(segment) ? value[Number(segment)] : undefined;
    return element === undefined ? undefined : step(element, segments, at + 1);
  }
  // Own members only: `constructor` and `__proto__` of an argument object are not there unless the agent sent them.
  if (!Object.hasOwn(value, segment)) return undefined;
  const member = value[segment];
  return member === undefined ? undefined : step(member, segments, at + 1);
}

/** Many servers answer with a text that is JSON: what does not parse names nothing. */
function stepInto(text: string, segments: readonly string[], at: number): Json | undefined {
  try {
    return step(JSON.parse(text), segments, at);
  } catch {
    return undefined;
  }
}

/** What two versions of YAML read differently names nothing either, nor what has it inside. */
function stepIntoYaml(text: string, segments: readonly string[], at: number): Json | undefined {
  try {
    const [document, ...others] = manifest(text);
    const value = document === undefined || others.length > 0 ? undefined : step(document, segments, at);
    return value === undefined || JSON.stringify(value).includes(JSON.stringify(ambiguous)) ? undefined : value;
  } catch {
    return undefined;
  }
}

function spread(list: readonly Json[], segments: readonly string[], at: number): Json | undefined {
  const nested = segments.indexOf("*", at) !== -1;
  const all: Json[] = [];
  for (const element of list) {
    const value = step(element, segments, at);
    if (value === undefined) return undefined;
    if (nested && isList(value)) for (const inner of value) all.push(inner);
    else all.push(value);
  }
  return all;
}

function evaluateText(template: string, scope: Scope): Json {
  const only = whole.exec(template)?.[1];
  if (only !== undefined) return known(scope, only);
  if (template.replace(part, "").includes("{{"))
    throw new Problem("invalid", `\`${template}\` is not a whole template`);
  return template.replace(part, (_, path: string) => {
    const value = known(scope, path);
    if (isPrintable(value)) return String(value);
    throw new Problem("invalid", `\`{{${path}}}\` is a list or an object and cannot stand inside a text`);
  });
}

function known(scope: Scope, path: string): Json {
  const value = look(scope, path);
  if (value === undefined) throw new Problem("invalid", `\`{{${path}}}\` names nothing here`);
  return value;
}

function evaluateEach(template: JsonObject, scope: Scope): Json {
  const list = fillTemplate(template.$each ?? null, scope);
  if (!isList(list) || template.$give === undefined) {
    throw new Problem("invalid", "`$each` needs a list, and `$give` beside it");
  }
  const give = template.$give;
  return list.map((item) => fillTemplate(give, { ...scope, item }));
}

function isPrintable(value: Json | undefined): value is string | number | boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
