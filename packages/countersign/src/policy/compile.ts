import { canonical, type JsonObject } from "@countersign/contract";
import { digestText } from "../floor/digest.ts";
import { Problem } from "../floor/problem.ts";
import { type ArgumentTypes, argumentTypes } from "./argument-types.ts";
import { cedarSchema, toolAction } from "./cedar-schema.ts";
import { didYouMean } from "./did-you-mean.ts";
import { type FactNames, factNames } from "./fact-names.ts";
import { findDestinations } from "./guardrail/destinations.ts";
import { guardrailFaults } from "./guardrail/faults.ts";
import { fitGuardrails } from "./guardrail/fit.ts";
import { parseKnown } from "./parse-known.ts";
import type {
  CedarText,
  CompiledPolicies,
  CompiledPolicy,
  CompiledWorkflow,
  PolicyFault,
  ToolShape,
} from "./policy.ts";
import { review } from "./review.ts";
import { granted, rulesFaults, type WorkflowRules } from "./rules.ts";
import { shippedPolicies } from "./shipped.ts";
import { workflowToCedar } from "./workflow-to-cedar.ts";

/** Everything that a policy set is made of. */
export interface PolicySources {
  readonly revision: number;
  readonly workflows: readonly WorkflowRules[];
  /** The organisation's own guardrails: `policies/*.cedar`. */
  readonly own: readonly { readonly file: string; readonly text: string }[];
  readonly tools: readonly ToolShape[];
  /** Groups of people who can be asked; where absent, names of groups are not checked. */
  readonly groups?: readonly string[];
  /** Addresses of people who can be asked; where absent, they are not checked. */
  readonly people?: readonly string[];
  /** Checks that exist; where absent, names of checks are not checked. */
  readonly checks?: readonly string[];
  /**
   * `expect` also takes policies that name a tool which no server lists now, as after a restart before the upstreams
   * have answered: such a tool is denied, and its policies wait for it. `refuse`, for a change by people, is the default.
   */
  readonly absent?: "refuse" | "expect";
  /** Windows that `context.facts.counts` holds. */
  readonly windows?: readonly string[];
}

export type Compiled =
  | { readonly ok: true; readonly policies: CompiledPolicies }
  | { readonly ok: false; readonly faults: readonly [PolicyFault, ...PolicyFault[]] };

/** Compiles, or throws `invalid` with the first fault and where it is. */
export async function compile(sources: PolicySources): Promise<CompiledPolicies> {
  const compiled = await tryCompile(sources);
  if (compiled.ok) return compiled.policies;
  const [first, ...others] = compiled.faults;
  const helps = [first.help, others.length > 0 ? `and ${others.length} more` : undefined].filter(Boolean);
  throw new Problem("invalid", first.detail, {
    at: placeOf(first),
    help: helps.join("; ") || "run `countersign policy check`",
  });
}

/** Compiles, or tells every fault that was found. Nothing half compiles. */
export async function tryCompile(sources: PolicySources): Promise<Compiled> {
  const tools = Object.fromEntries(sources.tools.map((tool) => [tool.id, argumentTypes(tool)]));
  const inRules = [...sources.workflows.flatMap(rulesFaults), ...unknownTools(sources), ...sameName(sources.workflows)];
  const isExpected = sources.absent === "expect";
  if (inRules.length === 0 && !isExpected) inRules.push(...unknownArguments(sources, tools));
  const names = factNames(sources.workflows, sources.own, sources.windows);
  if (isSome(inRules)) return { ok: false, faults: inRules };
  const texts: CedarText[] = [
    ...shippedPolicies(sources.workflows.flatMap(({ flow, workflow }) => (flow === "off" ? [workflow] : []))),
    ...sources.workflows.map((rules) =>
      workflowToCedar(findDestinations(isExpected ? fitGuardrails(rules, tools) : rules, tools)),
    ),
    ...sources.own.map((text) => ({ ...text, source: "own" as const })),
  ];
  const absent = isExpected ? { absentTool: toolAction({ parsed: { kind: "parsed", of: {} } }, names) } : {};
  const report = await parseKnown({ texts, schema: cedarSchema(tools, names), ...absent });
  // What was put in force stays in force when the last agent that it names has gone.
  const { workflows: _, ...others } = sources;
  const reviewed = report.policies.map((policy) =>
    review(policy, isExpected ? { ...others, isInForce: true } : sources),
  );
  const policies = reviewed.filter((one): one is CompiledPolicy => !Array.isArray(one));
  const faults = [...report.faults, ...reviewed.flatMap((one) => (Array.isArray(one) ? one : [])), ...twice(policies)];
  if (faults.length === 0) faults.push(...neverBites(report.warnings, policies, sources));
  if (isSome(faults)) return { ok: false, faults };
  return { ok: true, policies: seal(sources, policies, tools, names, report.warnings) };
}

function isSome<T>(all: readonly T[]): all is readonly [T, ...T[]] {
  return all.length > 0;
}

function seal(
  sources: PolicySources,
  found: readonly CompiledPolicy[],
  tools: { readonly [tool: string]: ArgumentTypes },
  names: FactNames,
  warnings: readonly PolicyFault[],
): CompiledPolicies {
  const policies = [...found].sort((one, other) => (one.id < other.id ? -1 : 1));
  const workflows = Object.fromEntries(sources.workflows.map((rules) => [rules.workflow, compiledWorkflow(rules)]));
  const content: JsonObject = {
    v: 1,
    policies: policies.map((policy) => [policy.id, policy.source, policy.digest]),
    workflows: Object.fromEntries(Object.entries(workflows).map(([name, workflow]) => [name, { ...workflow }])),
    tools: JSON.parse(JSON.stringify(tools)),
    checks: [...(sources.checks ?? [])].sort(),
  };
  return {
    revision: sources.revision,
    digest: digestText(canonical(content)),
    policies,
    workflows,
    tools,
    names,
    warnings,
  };
}

function compiledWorkflow(rules: WorkflowRules): CompiledWorkflow {
  return {
    agents: [...rules.agents].sort(),
    mode: rules.mode ?? "enforce",
    ...(rules.observeUntil === undefined ? {} : { observeUntil: rules.observeUntil }),
    ...(rules.writesNothing === true ? { writesNothing: true } : {}),
    irreversible: [...(rules.irreversible ?? [])].sort(),
  };
}

function unknownTools(sources: PolicySources): readonly PolicyFault[] {
  if (sources.absent === "expect") return [];
  const known = new Set(sources.tools.map((tool) => tool.id));
  return sources.workflows.flatMap((rules) =>
    [...granted(rules), ...rules.block]
      .filter((tool) => !tool.includes("*") && !known.has(tool))
      .map((tool) => {
        const help = didYouMean(tool, known);
        return {
          file: rules.file,
          detail: `no server has a tool \`${tool}\``,
          ...(help === undefined ? {} : { help }),
        };
      }),
  );
}

/** Arguments that a guardrail reads and that a tool does not take, or not in a form that the guardrail can read. */
function unknownArguments(
  sources: PolicySources,
  tools: { readonly [tool: string]: ArgumentTypes },
): readonly PolicyFault[] {
  return sources.workflows.flatMap((rules) =>
    (rules.guardrails ?? []).flatMap((rule) =>
      [...guardrailFaults(rule, granted(rules), tools)].map(([detail, help]) => ({
        file: rules.file,
        detail,
        ...(help === undefined ? {} : { help }),
      })),
    ),
  );
}

function sameName(workflows: readonly WorkflowRules[]): readonly PolicyFault[] {
  const names = workflows.map((rules) => rules.workflow);
  return workflows
    .filter((rules, index) => names.indexOf(rules.workflow) !== index)
    .map((rules) => ({ file: rules.file, detail: `there is another workflow \`${rules.workflow}\`` }));
}

function twice(policies: readonly CompiledPolicy[]): readonly PolicyFault[] {
  const first = new Map<string, CompiledPolicy>();
  return policies.flatMap((policy) => {
    const before = first.get(policy.id);
    first.set(policy.id, before ?? policy);
    return before === undefined
      ? []
      : [
          {
            file: policy.file,
            policy: policy.id,
            detail: `the id \`${policy.id}\` is taken by a policy in ${before.file}`,
          },
        ];
  });
}

/** A guardrail that can never match is no guardrail: more often a slip than a wish. */
function neverBites(
  warnings: readonly PolicyFault[],
  policies: readonly CompiledPolicy[],
  sources: PolicySources,
): readonly PolicyFault[] {
  if (sources.tools.length === 0 || sources.absent === "expect") return [];
  const own = new Set<string | undefined>(
    policies.filter((policy) => policy.source === "own").map((policy) => policy.id),
  );
  return warnings.filter(({ policy, detail }) => own.has(policy) && /policy is impossible/.test(detail));
}

function placeOf(fault: PolicyFault): string {
  return fault.line === undefined ? fault.file : `${fault.file}:${fault.line}:${fault.column}`;
}
