import type { Clause, Expr, PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";
import { clausesOf } from "../conditions.ts";
import { durationText } from "../duration.ts";
import type { CompiledPolicies, CompiledPolicy } from "../policy.ts";
import { renderClause, renderExpression, renderScope } from "../render.ts";
import { argumentsRead, isOwnCureClause } from "../syntax.ts";

/** A policy set with one small fault in it, which a good case notices. */
export interface Mutant {
  readonly policy: string;
  /** `drops unless { … }`. */
  readonly fault: string;
  readonly policies: CompiledPolicies;
}

const otherwise: { readonly [operator: string]: string } = {
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  "==": "!=",
  "!=": "==",
};

/** Every small fault that the chosen policies can have. A fault that activation refuses by itself is none of them. */
export function* mutantsOf(policies: CompiledPolicies, chosen: (policy: CompiledPolicy) => boolean): Generator<Mutant> {
  for (const policy of policies.policies) {
    if (!chosen(policy)) continue;
    for (const [fault, changed] of faultsOf(policy)) {
      const others = policies.policies.filter((one) => one !== policy);
      const set = { ...policies, policies: changed === undefined ? others : [...others, changed] };
      yield { policy: policy.id, fault, policies: set };
    }
  }
}

function* faultsOf(policy: CompiledPolicy): Generator<readonly [string, CompiledPolicy | undefined]> {
  const { syntax } = policy;
  const clauses = clausesOf(syntax);
  if (policy.effect === "forbid") yield ["drops the forbid", undefined];
  yield* cureFaultsOf(policy);
  for (const [at, clause] of clauses.entries()) {
    // Without it the cure does not cure, and such a set is not put in force.
    if (isOwnCureClause(clause, policy.id)) continue;
    const instead = (...put: readonly Clause[]) =>
      withSyntax(policy, { ...syntax, conditions: clauses.toSpliced(at, 1, ...put) });
    yield [`drops ${renderClause(clause)}`, instead()];
    const negated: Clause = { kind: clause.kind === "when" ? "unless" : "when", body: clause.body };
    yield [`turns ${renderClause(clause)} into ${renderClause(negated)}`, instead(negated)];
    for (const [was, is, body] of comparisonsIn(clause.body))
      yield [`turns ${renderExpression(was)} into ${renderExpression(is)}`, instead({ kind: clause.kind, body })];
  }
  for (const name of ["principal", "action", "resource"] as const) {
    if (syntax[name].op === "All") continue;
    yield [`widens ${renderScope(name, syntax)} to all`, withSyntax(policy, { ...syntax, [name]: { op: "All" } })];
  }
}

/** Who is asked, how many of them, who of them does not count, and for how long a yes stands. */
function* cureFaultsOf(policy: CompiledPolicy): Generator<readonly [string, CompiledPolicy]> {
  const { cure } = policy;
  if (cure?.kind !== "approval") return;
  const { from, count, exclude, validMs } = cure;
  const instead = (change: Partial<typeof cure>): CompiledPolicy => ({ ...policy, cure: { ...cure, ...change } });
  if (count > 1) yield [`asks ${count - 1} of ${from} and not ${count}`, instead({ count: count - 1 })];
  yield [`asks others than ${from}`, instead({ from: `not-${from}` })];
  for (const who of exclude)
    yield [`lets the ${who} answer`, instead({ exclude: exclude.filter((one) => one !== who) })];
  yield [`lets an answer stand twice as long as ${durationText(validMs)}`, instead({ validMs: 2 * validMs })];
}

function withSyntax(policy: CompiledPolicy, syntax: PolicyJson): CompiledPolicy {
  return {
    ...policy,
    syntax,
    principal: syntax.principal.op === "All" ? null : policy.principal,
    action: syntax.action.op === "All" ? null : policy.action,
    unconditional: syntax.conditions.length === 0 && syntax.resource.op === "All",
    reads: argumentsRead(syntax),
  };
}

/** Each comparison, what it becomes, and the whole expression with it. */
function* comparisonsIn(expression: Expr): Generator<readonly [Expr, Expr, Expr]> {
  for (const [member, held] of Object.entries(expression) as [string, unknown][]) {
    const other = otherwise[member];
    if (other !== undefined) {
      const changed = { [other]: held } as unknown as Expr;
      yield [expression, changed, changed];
    }
    if (member === "Value" || typeof held !== "object" || held === null) continue;
    for (const [name, inner] of Object.entries(held) as [string, unknown][]) {
      if (typeof inner !== "object" || inner === null || (name === "pattern" && member === "like")) continue;
      for (const [was, is, whole] of comparisonsIn(inner as Expr)) {
        const body = Array.isArray(held) ? held.with(Number(name), whole) : { ...held, [name]: whole };
        yield [was, is, { [member]: body } as unknown as Expr];
      }
    }
  }
}
