import type { Clause, PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";
import { type ActionScope, type PrincipalScope, verbs } from "./policy.ts";

/** A value that a policy reads, as the way to it: `["context", "facts", "cured"]`. */
export type Path = readonly string[];

type Node = { readonly [member: string]: unknown };

/** Every way that an expression reads, each as far as it goes. */
export function pathsRead(expression: unknown): readonly Path[] {
  const found: Path[] = [];
  visit(expression, found);
  return found;
}

function visit(expression: unknown, found: Path[]): void {
  if (Array.isArray(expression)) {
    for (const element of expression) visit(element, found);
    return;
  }
  if (!isNode(expression) || "Value" in expression) return;
  const path = pathOf(expression);
  if (path !== undefined) {
    found.push(path);
    return;
  }
  const fields = expression.Record;
  for (const inner of Object.values(isNode(fields) ? fields : expression)) visit(inner, found);
}

/** The way of a chain of `.` and `has` that starts at a variable. */
function pathOf(expression: Node): Path | undefined {
  const variable = expression.Var;
  if (typeof variable === "string") return [variable];
  const step = expression["."] ?? expression.has;
  if (!isNode(step) || !isNode(step.left)) return undefined;
  const left = pathOf(step.left);
  if (left === undefined) return undefined;
  const attr = step.attr;
  return [...left, ...(Array.isArray(attr) ? attr.map(String) : [String(attr)])];
}

/** Arguments that a policy reads by their first name; null where it reads `context.args` whole. */
export function argumentsRead(policy: PolicyJson): readonly string[] | null {
  const names = new Set<string>();
  for (const path of policy.conditions.flatMap((clause) => pathsRead(clause.body))) {
    if (path[0] !== "context" || (path.length > 1 && path[1] !== "args")) continue;
    const name = path[2];
    if (name === undefined) {
      // `context has args` reads nothing of them, yet telling it apart is not worth a mistake.
      return null;
    }
    const within = name === "parsed" ? path[3] : undefined;
    names.add(within === undefined ? name : `parsed.${within}`);
  }
  return [...names].sort();
}

/** Time zones that a policy reads as `context.local["Europe/Berlin"]`. */
export function zonesRead(policy: PolicyJson): readonly string[] {
  const paths = policy.conditions.flatMap((clause) => pathsRead(clause.body));
  return paths.flatMap(([root, local, zone]) =>
    root === "context" && local === "local" && zone !== undefined ? [zone] : [],
  );
}

/** Whether a policy that reads these arguments reads this one: `parsed` is all of `parsed.<name>`, and they are parts of it. */
export function readsArgument(reads: readonly string[] | null, name: string): boolean {
  if (reads === null || reads.includes(name)) return true;
  if (name === "parsed") return reads.some((one) => one.startsWith("parsed."));
  return name.startsWith("parsed.") && reads.includes("parsed");
}

/** Whether a condition could depend on which policies are cured. */
export function readsCured(clause: Clause): boolean {
  return pathsRead(clause.body).some(
    ([root, facts, cured]) =>
      root === "context" && (facts === undefined || (facts === "facts" && (cured === undefined || cured === "cured"))),
  );
}

/** `unless { context.facts.cured.contains("<id>") }`, and nothing else in the clause. */
export function isOwnCureClause(clause: Clause, id: string): boolean {
  const cured = { ".": { left: { ".": { left: { Var: "context" }, attr: "facts" } }, attr: "cured" } };
  return clause.kind === "unless" && same(clause.body, { contains: { left: cured, right: { Value: id } } });
}

function same(one: unknown, other: unknown): boolean {
  if (!isNode(one) || !isNode(other)) return one === other;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && same(one[name], other[name]))
  );
}

type ScopeRead<Scope> = { readonly ok: Scope } | { readonly fault: string };

export function actionScope(policy: PolicyJson): ScopeRead<ActionScope> {
  const { action } = policy;
  if (action.op === "All") return { ok: null };
  const entities = "entities" in action ? action.entities : "entity" in action ? [action.entity] : [];
  const names = entities.map((entity) => ("__entity" in entity ? entity.__entity : entity));
  const stranger = names.find((name) => name.type !== "Action");
  if (stranger !== undefined) return { fault: `\`${stranger.type}\` is no action` };
  return { ok: names.map((name) => name.id) };
}

export function principalScope(policy: PolicyJson): ScopeRead<PrincipalScope> {
  const { principal } = policy;
  if (principal.op === "All") return { ok: null };
  if (principal.op === "is") {
    return principal.in === undefined && principal.entity_type === "Agent"
      ? { ok: null }
      : { fault: "write `principal in …` or `principal == …` in place of `principal is …`" };
  }
  if (!("entity" in principal)) return { fault: "a policy has no slots" };
  const { type, id } = "__entity" in principal.entity ? principal.entity.__entity : principal.entity;
  if (type !== "Agent" && type !== "Workflow" && type !== "Group")
    return { fault: `\`${type}\` is no kind of principal` };
  return { ok: { type, id } };
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Every action that these policies name, in a scope or a condition; null where one of them can match an action that it does not name. */
export function namedActions(policies: readonly PolicyJson[]): readonly string[] | null {
  const names = new Set<string>();
  for (const { action, conditions } of policies) {
    const scope = actionsIn(action);
    // A verb stands for every tool that can have it.
    if (action.op === "All" || scope.some((name) => isVerb(name))) return null;
    for (const name of [...scope, ...actionsIn(conditions)]) names.add(name);
  }
  return [...names].sort();
}

function isVerb(name: string): boolean {
  return verbs.some((verb) => verb === name);
}

export function actionsIn(value: unknown): readonly string[] {
  return entitiesIn(value, "Action");
}

/** The ids of all entities of a type that are named in some piece of syntax. */
export function entitiesIn(value: unknown, type: string): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  if ("type" in value && value.type === type && "id" in value && typeof value.id === "string") return [value.id];
  return Object.values(value).flatMap((inner) => entitiesIn(inner, type));
}
