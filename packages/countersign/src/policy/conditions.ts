import type { Clause, Expr, PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";
import { compileProgram, type Program } from "./cedar/program.ts";
import type { World } from "./cedar/world.ts";
import { renderClause, renderScope } from "./render.ts";
import { isOwnCureClause } from "./syntax.ts";

/** One thing that must hold for a policy to hold: a part of its head, or one conjunct of its clauses. */
export interface Condition {
  readonly kind: "principal" | "action" | "resource" | "when" | "unless";
  /** As Cedar. */
  readonly text: string;
  readonly clause?: Clause;
  /** What the policy's own cure meets. */
  readonly isCure: boolean;
}

// Owned here alone: a function of a policy's syntax, and dies with it.
const known = new WeakMap<PolicyJson, readonly Condition[]>();
const programs = new WeakMap<Condition, Program>();

/** A policy's conditions in the order in which Cedar looks at them. */
export function conditionsOf(policy: PolicyJson): readonly Condition[] {
  const before = known.get(policy);
  if (before !== undefined) return before;
  const id = policy.annotations?.id ?? "";
  const found: readonly Condition[] = [
    ...(["principal", "action", "resource"] as const)
      .filter((name) => policy[name].op !== "All")
      .map((name) => conditionIn(policy, { kind: name, text: renderScope(name, policy), isCure: false })),
    ...clausesOf(policy).map((clause) => {
      const condition = { kind: clause.kind, text: renderClause(clause), clause, isCure: isOwnCureClause(clause, id) };
      return conditionIn(policy, condition);
    }),
  ];
  known.set(policy, found);
  return found;
}

/** The clauses, each conjunct one of its own: `when { a && b }` is `when { a } when { b }`, and `unless { a || b }` alike. */
export function clausesOf(policy: PolicyJson): readonly Clause[] {
  return policy.conditions.flatMap(({ kind, body }) =>
    parts(body, kind === "when" ? "&&" : "||").map((part) => ({ kind, body: part })),
  );
}

function parts(body: Expr, operator: "&&" | "||"): readonly Expr[] {
  const node = body as { readonly [name: string]: { readonly left: Expr; readonly right: Expr } };
  const both = Object.hasOwn(node, operator) ? node[operator] : undefined;
  return both === undefined ? [body] : [...parts(both.left, operator), ...parts(both.right, operator)];
}

function conditionIn(policy: PolicyJson, condition: Condition): Condition {
  const all = { op: "All" } as const;
  const alone: PolicyJson = {
    effect: policy.effect,
    principal: condition.kind === "principal" ? policy.principal : all,
    action: condition.kind === "action" ? policy.action : all,
    resource: condition.kind === "resource" ? policy.resource : all,
    conditions: condition.clause === undefined ? [] : [condition.clause],
  };
  programs.set(condition, compileProgram(alone));
  return condition;
}

/** The first condition that keeps a policy from holding: the one that decides. Undefined: it holds. */
export function decisiveCondition(
  policy: PolicyJson,
  world: World,
): { readonly index: number; readonly condition: Condition; readonly error?: string } | undefined {
  for (const [index, condition] of conditionsOf(policy).entries()) {
    try {
      if (programs.get(condition)?.(world) !== true) return { index, condition };
    } catch (thrown) {
      return { index, condition, error: thrown instanceof Error ? thrown.message : "it cannot be evaluated" };
    }
  }
  return undefined;
}
