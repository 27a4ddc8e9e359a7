import { createRequire } from "node:module";
import type { PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";
import { compileProgram } from "../../packages/countersign/src/policy/cedar/program.ts";
import { Entity } from "../../packages/countersign/src/policy/cedar/value.ts";
import { World } from "../../packages/countersign/src/policy/cedar/world.ts";
import type { CedarRequest } from "../../packages/countersign/src/policy/request.ts";
import { type GeneratedPolicy, Generator } from "./generate.ts";
import { Random } from "./random.ts";

type Cedar = typeof import("@cedar-policy/cedar-wasm/nodejs");
const require = createRequire(new URL("../../packages/countersign/src/policy/x.ts", import.meta.url));
const cedar = require("@cedar-policy/cedar-wasm/nodejs") as Cedar;

const policiesPerSet = 16;
const requestsPerSet = 25;

export interface Compared {
  readonly cases: number;
  readonly allows: number;
  readonly withErrors: number;
  /** How often each operator stood in a policy that was evaluated without a fault. */
  readonly reached: ReadonlyMap<string, number>;
  readonly differences: readonly Difference[];
}

export interface Difference {
  readonly seed: number;
  readonly ours: string;
  readonly theirs: string;
  readonly policies: readonly GeneratedPolicy[];
  readonly request: CedarRequest;
}

/** Evaluates random policies and requests here and in the WebAssembly engine, and compares decision, determining policies and errors. */
export function compare(
  cases: number,
  firstSeed: number,
  options: { readonly most?: number; readonly progress?: (done: number) => void } = {},
): Compared {
  const reached = new Map<string, number>();
  const differences: Difference[] = [];
  let [done, allows, withErrors] = [0, 0, 0];
  for (let seed = firstSeed; done < cases && differences.length < (options.most ?? 3); seed++) {
    const random = new Random(seed);
    const generator = new Generator(random);
    const permits = random.pick([0, 0, 1, 1, 0.5]);
    const policies = Array.from({ length: policiesPerSet }, (_, at) => generator.policy(`p${at}`, permits));
    prepare(policies);
    const programs = policies.map(({ syntax }) => compileProgram(syntax));
    for (let i = 0; i < requestsPerSet && done < cases; i++, done++) {
      const request = generator.request();
      const ours = here(policies, programs, request, reached);
      const theirs = there(request);
      if (ours.startsWith("allow")) allows++;
      if (!ours.endsWith("errors:")) withErrors++;
      if (ours !== theirs) differences.push({ seed, ours, theirs, policies, request });
    }
    options.progress?.(done);
  }
  return { cases: done, allows, withErrors, reached, differences };
}

function prepare(policies: readonly GeneratedPolicy[]): void {
  const fixed = policies.filter(({ slots }) => slots === undefined);
  const linked = policies.filter(({ slots }) => slots !== undefined);
  const answer = cedar.preparsePolicySet("compared", {
    staticPolicies: Object.fromEntries(fixed.map(({ id, syntax }) => [id, syntax])),
    templates: Object.fromEntries(linked.map(({ id, syntax }) => [`template-${id}`, syntax])),
    templateLinks: linked.map(({ id, slots = {} }) => ({ templateId: `template-${id}`, newId: id, values: slots })),
  });
  if (answer.type === "failure")
    throw new Error(`the engine does not take a generated policy: ${JSON.stringify(answer.errors[0]?.message)}`);
}

function there(request: CedarRequest): string {
  const answer = cedar.statefulIsAuthorized({
    principal: request.principal,
    action: request.action,
    resource: request.resource,
    context: { ...request.context },
    entities: [...request.entities],
    preparsedPolicySetId: "compared",
  });
  if (answer.type === "failure")
    throw new Error(`the engine does not take a generated request: ${answer.errors[0]?.message}`);
  const { decision, diagnostics } = answer.response;
  return told(
    decision,
    diagnostics.reason,
    diagnostics.errors.map(({ policyId }) => policyId),
  );
}

function here(
  policies: readonly GeneratedPolicy[],
  programs: readonly ReturnType<typeof compileProgram>[],
  request: CedarRequest,
  reached: Map<string, number>,
): string {
  const [permits, forbids, errors]: [string[], string[], string[]] = [[], [], []];
  policies.forEach(({ id, syntax, slots = {} }, at) => {
    const filled = new Map(Object.entries(slots).map(([slot, { type, id: name }]) => [slot, new Entity(type, name)]));
    try {
      const holds = programs[at]?.(new World(request, filled));
      for (const operator of operatorsOf(syntax)) reached.set(operator, (reached.get(operator) ?? 0) + 1);
      if (holds === true) (syntax.effect === "permit" ? permits : forbids).push(id);
    } catch {
      errors.push(id);
    }
  });
  return forbids.length > 0 || permits.length === 0 ? told("deny", forbids, errors) : told("allow", permits, errors);
}

function told(decision: string, reasons: readonly string[], errors: readonly string[]): string {
  return `${decision} by:${[...reasons].sort().join()} errors:${[...errors].sort().join()}`;
}

const known = new WeakMap<PolicyJson, ReadonlySet<string>>();

/** Operators of the conditions, and `scope:…` for what the scope asks. */
function operatorsOf(policy: PolicyJson): ReadonlySet<string> {
  const before = known.get(policy);
  if (before !== undefined) return before;
  const found = new Set<string>();
  for (const part of ["principal", "action", "resource"] as const) {
    const constraint = policy[part];
    found.add(`scope:${constraint.op}${"in" in constraint ? " in" : ""}${"slot" in constraint ? " slot" : ""}`);
  }
  const visit = (expression: unknown): void => {
    if (Array.isArray(expression)) for (const each of expression) visit(each);
    if (Array.isArray(expression) || typeof expression !== "object" || expression === null) return;
    for (const [operator, body] of Object.entries(expression)) {
      if (operator === "Value" || operator === "Var" || operator === "Slot") {
        found.add(operator);
        continue;
      }
      found.add(operator);
      if (operator === "Record") Object.values(body as object).forEach(visit);
      else if (Array.isArray(body)) body.forEach(visit);
      else
        for (const [name, inner] of Object.entries(body as object))
          if (name !== "attr" && name !== "pattern" && name !== "entity_type") visit(inner);
    }
  };
  for (const { kind, body } of policy.conditions) {
    found.add(kind);
    visit(body);
  }
  known.set(policy, found);
  return found;
}
