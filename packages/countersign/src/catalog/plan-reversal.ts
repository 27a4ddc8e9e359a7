import type { Json, JsonObject, ReversalPlan } from "@countersign/contract";
import { Problem } from "../floor/problem.ts";
import { holds } from "./premise.ts";
import { fillMembers, type Scope } from "./template.ts";
import type { CallTemplate, ReversalRule } from "./tool.ts";

/** A concrete call of a server's own tool. */
export interface PlannedCall {
  readonly tool: string;
  readonly args: JsonObject;
}

/** What the capture answered: its result, or that it could not be had. */
export type Captured =
  | { readonly kind: "answered"; readonly result: JsonObject }
  | { readonly kind: "failed" }
  | { readonly kind: "not_asked" };

/** The read to make before the deed, or undefined where the rule needs none. */
export function captureCall(rule: ReversalRule, args: JsonObject): PlannedCall | undefined {
  if (rule.kind !== "inverse" || rule.capture === undefined) return undefined;
  return fill(rule.capture, { args });
}

/** How the deed will be undone, decided before it runs. Pure; where anything is not exact, it is not a plan. */
export function planReversal(
  rule: ReversalRule,
  args: JsonObject,
  captured: Captured,
  capturedAt: string,
): ReversalPlan {
  if (rule.kind !== "inverse") return { kind: rule.kind, reason: rule.reason };
  const otherwise: ReversalPlan = rule.otherwise ?? {
    kind: "irreversible",
    reason: "the state before could not be captured",
  };
  const answered = captured.kind === "answered" && captured.result.isError !== true;
  if (rule.capture !== undefined && !answered) return otherwise;
  const before: Json = captured.kind === "answered" ? captured.result : null;
  const scope: Scope = { args, before };
  if (!(rule.premises ?? []).every((premise) => holds(premise, scope))) return otherwise;
  try {
    const { edits, sentence } = rule;
    const undo = fill(rule.undo, scope);
    return { kind: "inverse", ...undo, before, capturedAt, sentence, ...(edits === undefined ? {} : { edits }) };
  } catch (fault) {
    if (fault instanceof Problem) return otherwise;
    throw fault;
  }
}

/** A call template with its values; `invalid` where it names something that is not there. */
export function fill(call: CallTemplate, scope: Scope): PlannedCall {
  return { tool: call.tool, args: fillMembers(call.args, scope) };
}
