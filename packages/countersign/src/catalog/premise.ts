import { canonical, type Json, type JsonObject } from "@countersign/contract";
import { Problem } from "../floor/problem.ts";
import type { PlannedCall } from "./plan-reversal.ts";
import { fillMembers, fillTemplate, look, type Scope } from "./template.ts";
import type { CallTemplate, Condition, Premise, Reconcile, ReversalRule } from "./tool.ts";

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

/**
 * Whether an answer says what the condition asks. A text at `at` is compared; other values by canonical JSON. An error
 * says only that it is one. Throws where a value of the condition names nothing, or where it compares what is no list.
 */
export function met(condition: Condition, result: JsonObject, scope: Scope): boolean {
  const isError = result.isError === true;
  if (condition.kind === "answered") return !isError;
  if (condition.kind === "not_answered") return isError && wordsOf(result).includes(condition.contains);
  const value = isError ? undefined : look({ result }, `result.${condition.at}`);
  switch (condition.kind) {
    case "equals":
    case "contains": {
      const wanted = text(fillTemplate(condition.value, scope));
      if (value === undefined) return false;
      return condition.kind === "equals" ? text(value) === wanted : text(value).includes(wanted);
    }
    case "includes":
    case "lacks": {
      const wanted = keys(fillTemplate(condition.kind === "includes" ? condition.all : condition.any, scope));
      if (value === undefined) return false;
      const there = keys(value);
      return [...wanted].every((key) => there.has(key) === (condition.kind === "includes"));
    }
  }
}

/** Whether the target is as the deed left it, for certain. What cannot be told counts as changed. */
export function isUnchanged(rule: ReversalRule & { readonly kind: "inverse" }, now: JsonObject, scope: Scope): boolean {
  try {
    return rule.unchanged !== undefined && rule.unchanged !== "untold" && met(rule.unchanged, now, scope);
  } catch {
    return false;
  }
}

/**
 * What of an answer tells one change from another: a yes to an undo is bound to it, so nothing stands in it that is
 * otherwise at every look, as a time beside the value. Undefined where nothing does.
 */
export function changedPart(rule: ReversalRule & { readonly kind: "inverse" }, now: JsonObject): Json | undefined {
  if (now.isError === true || rule.unchanged === undefined || rule.unchanged === "untold") return undefined;
  return "at" in rule.unchanged ? look({ now }, `now.${rule.unchanged.at}`) : undefined;
}

/** What looks at the target say of an unknown deed; `failed` only where the rule's own sign of it is there. */
export async function outcomeOf(
  rule: Reconcile,
  scope: Scope,
  read: (call: PlannedCall) => Promise<JsonObject | undefined>,
): Promise<"done" | "failed" | "unknown"> {
  const { provided = [], doneWhen, failedWhen, also } = rule;
  if (!provided.every((premise) => holds(premise, scope))) return "unknown";
  const said = async (of: CallTemplate, ...conditions: readonly (Condition | undefined)[]): Promise<boolean[]> => {
    try {
      const result = await read({ tool: of.tool, args: fillMembers(of.args, scope) });
      return conditions.map((one) => result !== undefined && one !== undefined && met(one, result, scope));
    } catch (thrown) {
      if (thrown instanceof Problem ? thrown.code === "invalid" : thrown instanceof TypeError) return [];
      throw thrown;
    }
  };
  const [isDone, isFailed] = await said(rule, doneWhen, failedWhen);
  if (isDone !== true) return isFailed === true ? "failed" : "unknown";
  return also === undefined || (await said(also, also.when))[0] === true ? "done" : "unknown";
}

function text(value: Json): string {
  return typeof value === "string" ? value : canonical(value);
}

/** What an answer says in words. */
function wordsOf({ content }: JsonObject): string {
  const parts = look({ content: content ?? [] }, "content.*.text");
  return Array.isArray(parts) ? parts.join("\n") : "";
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
