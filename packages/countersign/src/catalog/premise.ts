import { canonical, type Json, type JsonObject } from "@countersign/contract";
import { fillTemplate, look, type Scope } from "./template.ts";
import type { Condition, Premise, Tool } from "./tool.ts";

/** Whether the premise holds of `args` and `before`; anything that cannot be read does not hold. */
export function holds(premise: Premise, scope: Scope): boolean {
  try {
    return judge(premise, scope);
  } catch {
    return false;
  }
}

function judge(premise: Premise, scope: Scope): boolean {
  switch (premise.kind) {
    case "absent":
      return look(scope, `args.${premise.argument}`) === undefined;
    case "empty":
      return isEmpty(fillTemplate(premise.of, scope));
    case "present":
      return !isEmpty(fillTemplate(premise.of, scope));
    case "single":
      return list(fillTemplate(premise.of, scope)).length === 1;
    case "disjoint": {
      const left = keys(fillTemplate(premise.of, scope));
      return [...keys(fillTemplate(premise.and, scope))].every((key) => !left.has(key));
    }
    case "includes": {
      const there = keys(fillTemplate(premise.of, scope));
      return [...keys(fillTemplate(premise.all, scope))].every((key) => there.has(key));
    }
    case "lacks": {
      const text = fillTemplate(premise.of, scope);
      return typeof text === "string" && !text.includes(premise.text);
    }
  }
}

/** Whether a look-up's answer says what the condition asks. A text at `at` is compared; other values by canonical JSON. */
export function met(condition: Condition, result: JsonObject): boolean {
  if (condition.kind === "answered") return result.isError !== true;
  const value = look({ result }, `result.${condition.at}`);
  if (value === undefined) return false;
  const text = typeof value === "string" ? value : canonical(value);
  return condition.kind === "equals" ? text === condition.value : text.includes(condition.value);
}

/** What a look at the target says of an unknown deed; `failed` only where the rule's own sign of it is there. */
export function outcomeOf(
  rule: NonNullable<Tool["reconcile"]>,
  result: JsonObject,
  scope: Scope,
): "done" | "failed" | "unknown" {
  try {
    if (met(filled(rule.doneWhen, scope), result)) return "done";
    return rule.failedWhen !== undefined && met(filled(rule.failedWhen, scope), result) ? "failed" : "unknown";
  } catch {
    return "unknown";
  }
}

function filled(condition: Condition, scope: Scope): Condition {
  if (condition.kind === "answered") return condition;
  const value = fillTemplate(condition.value, scope);
  return { ...condition, value: typeof value === "string" ? value : canonical(value) };
}

function isEmpty(value: Json): boolean {
  if (value === null || value === "") return true;
  if (typeof value !== "object") return false;
  return Object.values(value).every((member) => (Array.isArray(value) ? false : isEmpty(member)));
}

function list(value: Json): readonly Json[] {
  if (Array.isArray(value)) return value;
  throw new TypeError("not a list");
}

function keys(value: Json): Set<string> {
  return new Set(list(value).map((element) => canonical(element)));
}
