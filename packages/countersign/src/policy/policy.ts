import type { PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";
import type { DecisionInput, JsonObject, Verb } from "@countersign/contract";
import type { Shape } from "../catalog/normalise/shape.ts";
import type { ArgumentTypes } from "./argument-types.ts";
import type { Cure } from "./cure.ts";
import type { FactNames } from "./fact-names.ts";
import type { ObligationRule } from "./obligation.ts";

/** A text of Cedar policies and where it came from. */
export interface CedarText {
  readonly file: string;
  readonly text: string;
  readonly source: PolicySource;
}

/** `shipped` with the product, generated from a `workflow` file, or an organisation's `own` guardrail. */
export type PolicySource = "shipped" | "workflow" | "own";

/** `always` also bites where the workflow is only observed; `observe` records and never bites. */
export type PolicyMode = "enforce" | "observe" | "always";

/** Names that an action scope can match: verbs and tools; null where it matches every action. */
export type ActionScope = readonly string[] | null;

/** What a principal scope asks for; null where it matches every agent. */
export type PrincipalScope = { readonly type: "Agent" | "Workflow" | "Group"; readonly id: string } | null;

export interface CompiledPolicy {
  readonly id: string;
  readonly title?: string;
  readonly text: string;
  /** `sha256:…` of the exact text. */
  readonly digest: string;
  readonly effect: "permit" | "forbid";
  readonly source: PolicySource;
  readonly file: string;
  readonly mode: PolicyMode;
  readonly annotations: { readonly [name: string]: string };
  readonly principal: PrincipalScope;
  readonly action: ActionScope;
  readonly unconditional: boolean;
  readonly cure?: Cure;
  readonly obligations: readonly ObligationRule[];
  /** Arguments that the policy reads, by their first name, and `parsed.<name>`; null where it reads all of them as one value. */
  readonly reads: readonly string[] | null;
  readonly syntax: PolicyJson;
}

export interface CompiledWorkflow {
  readonly agents: readonly string[];
  readonly mode: "enforce" | "observe";
  /** When observing ends. */
  readonly observeUntil?: string;
  /** Its pattern promises that nothing is written: observing lets no execution pass. */
  readonly writesNothing?: true;
  /** Tools that may run in production although nothing undoes them. */
  readonly irreversible: readonly string[];
}

/** A policy set that may be activated. A plain value: it survives JSON, and equal sources give an equal digest. */
export interface CompiledPolicies {
  readonly revision: number;
  readonly digest: string;
  readonly policies: readonly CompiledPolicy[];
  readonly workflows: { readonly [workflow: string]: CompiledWorkflow };
  readonly tools: { readonly [tool: string]: ArgumentTypes };
  /** Names that its facts hold beside those that they always hold. */
  readonly names: FactNames;
  /** What Cedar's validator warns of; none of it hinders activation. */
  readonly warnings: readonly PolicyFault[];
}

/** A tool as policies see it. */
export interface ToolShape {
  /** `server.tool`. */
  readonly id: string;
  readonly inputSchema: JsonObject;
  /** JSON Schemas of values that the catalog adds to the projected arguments, or types otherwise. */
  readonly projected?: { readonly [name: string]: JsonObject };
  /** What the catalog gives under `parsed`, by name; absent only where no catalog stands behind. */
  readonly parsed?: { readonly [name: string]: Shape };
}

export interface PolicyFault {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  readonly policy?: string;
  readonly detail: string;
  readonly help?: string;
}

/** The workflow, if it is known and the agent is one of its own. */
export function workflowOf(
  policies: CompiledPolicies,
  asker: { readonly agent: string; readonly workflow: string },
): CompiledWorkflow | undefined {
  const known = Object.hasOwn(policies.workflows, asker.workflow) ? policies.workflows[asker.workflow] : undefined;
  return known?.agents.includes(asker.agent) ? known : undefined;
}

export function isObserved(workflow: CompiledWorkflow, atMs: number): boolean {
  const { mode, observeUntil } = workflow;
  return mode === "observe" && (observeUntil === undefined || atMs < Date.parse(observeUntil));
}

/** As in: workflow `w` is only observed until 2027-01-31. */
export function observedWords(policies: CompiledPolicies, workflow: string): string {
  const until = Object.hasOwn(policies.workflows, workflow) ? policies.workflows[workflow]?.observeUntil : undefined;
  return `workflow \`${workflow}\` is only observed${until === undefined ? "" : ` until ${until.slice(0, 10)}`}`;
}

/**
 * Whether what would be refused or held passes, because its workflow is only observed. INVARIANT: never an execution in
 * production, and no execution where the workflow's pattern promises that nothing is written.
 */
export function passesObserved(policies: CompiledPolicies, input: DecisionInput): boolean {
  const workflow = workflowOf(policies, input.principal);
  if (workflow === undefined || !isObserved(workflow, Date.parse(input.at))) return false;
  if (input.action.verb !== "execute") return true;
  return !input.resource.environment.production && workflow.writesNothing !== true;
}

export const verbs = ["read", "propose", "execute"] as const satisfies readonly Verb[];
