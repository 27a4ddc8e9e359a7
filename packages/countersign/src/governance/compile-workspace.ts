import { canonical, type Json } from "@countersign/contract";
import { type Catalog, minorDigits, type Pin, type ReachUnit, reachUnits, type Tool } from "../catalog/index.ts";
import { digestText } from "../floor/digest.ts";
import {
  type CapRule,
  type CompiledPolicies,
  compile,
  type PolicySources,
  type WorkflowRules,
} from "../policy/index.ts";
import { endOfDayMs, type Workflow } from "../workflows/index.ts";
import type { Workspace } from "../workspace/index.ts";
import { guardrailsOf } from "./guardrails-of.ts";

/** Checks that the gate runs before it decides. */
export const configuredChecks: readonly string[] = ["schema", "secrets", "secret-reference"];

const digests = new WeakMap<CompiledPolicies, string>();

/**
 * The policy set of a workspace and a catalog; the one before where nothing that it is made of has changed. Of the tools in
 * `without` it knows nothing, as if no server listed them.
 */
export async function compileWorkspace(
  workspace: Workspace | undefined,
  catalog: Catalog,
  pins: readonly Pin[],
  revision: number,
  before: CompiledPolicies | undefined,
  without: ReadonlySet<string>,
): Promise<CompiledPolicies> {
  // A server that is away, or lists something else, must not take the rules of everyone else down with it.
  const sources: PolicySources = { ...policySources(workspace, catalog, pins, revision, without), absent: "expect" };
  const digest = digestText(canonical(JSON.parse(JSON.stringify(sources)) as Json));
  if (before !== undefined && digests.get(before) === digest) return before;
  const compiled = await compile(sources);
  digests.set(compiled, digest);
  return compiled;
}

export function policySources(
  workspace: Workspace | undefined,
  catalog: Catalog,
  pins: readonly Pin[],
  revision: number,
  without: ReadonlySet<string> = new Set(),
): PolicySources {
  const listed = catalog.servers.flatMap((server) => catalog.list(server)).filter(({ id }) => !without.has(id));
  const tools = listed.map((tool) => shapeOf(tool, pins));
  const known = new Map(listed.map((tool) => [tool.id, tool.counts ?? []]));
  return {
    revision,
    workflows: (workspace?.workflows ?? []).map((workflow) => rulesOf(workflow, known)),
    own: workspace?.policies ?? [],
    tools,
    groups: (workspace?.groups ?? []).map((group) => group.name),
    people: (workspace?.people ?? []).map((person) => person.email),
    checks: configuredChecks,
  };
}

/** Digest of all that policies see of each tool that is listed. */
export function shapesOf(catalog: Catalog, pins: readonly Pin[]): ReadonlyMap<string, string> {
  const listed = catalog.servers.flatMap((server) => catalog.list(server));
  return new Map(
    listed.map((tool) => {
      const seen = { shape: shapeOf(tool, pins), counts: tool.counts ?? [] };
      return [tool.id, digestText(canonical(JSON.parse(JSON.stringify(seen)) as Json))];
    }),
  );
}

/** The types of a tool's arguments come from what was reviewed: what a server says since then is not believed. */
function shapeOf(tool: Tool, pins: readonly Pin[]): PolicySources["tools"][number] {
  const parsed = tool.parsed === undefined ? {} : { parsed: tool.parsed };
  if (tool.reviewed) return { id: tool.id, inputSchema: tool.definition.inputSchema, ...parsed };
  const pinned = pins.find((pin) => pin.server === tool.server && pin.tool === tool.name && pin.status === "pinned");
  return { id: tool.id, inputSchema: pinned?.definition.inputSchema ?? { type: "object" }, ...parsed };
}

/** A workflow file's rules for policy. A tool that no server lists now grants nothing; it is left out until it is there. */
function rulesOf(workflow: Workflow, known: ReadonlyMap<string, readonly ReachUnit[]>): WorkflowRules {
  return {
    file: `workflows/${workflow.name}.yaml`,
    workflow: workflow.name,
    agents: workflow.agents,
    tier: workflow.tier,
    allow: workflow.allow.filter((tool) => known.has(tool)),
    ask: workflow.ask
      .filter((ask) => known.has(ask.tool))
      .map((ask) => ({
        tool: ask.tool,
        from: ask.from,
        count: ask.count,
        open: duration(ask.openMs),
        valid: duration(ask.validMs),
        exclude: ask.exclude,
        ...(ask.grants === undefined ? {} : { grants: ask.grants }),
        ...(ask.passkey === undefined ? {} : { passkey: ask.passkey }),
        ...(ask.glass === undefined ? {} : { glass: ask.glass }),
      })),
    block: workflow.block.filter((tool) => known.has(tool)),
    irreversible: workflow.irreversible.filter((tool) => known.has(tool)),
    ...(workflow.redact.length === 0 ? {} : { redact: workflow.redact.filter(({ tool }) => known.has(tool)) }),
    ...(workflow.guardrails.length === 0 ? {} : { guardrails: guardrailsOf(workflow, new Set(known.keys())) }),
    caps: capsOf(workflow, known),
    ...(workflow.flow === "enforce" ? {} : { flow: workflow.flow }),
    ...modeOf(workflow),
    ...(workflow.pattern === "guardrailed" ? { guardrailed: true } : {}),
    ...(workflow.pattern === "copilot-only" ? { writesNothing: true } : {}),
  };
}

function capsOf(workflow: Workflow, known: ReadonlyMap<string, readonly ReachUnit[]>): readonly CapRule[] {
  const granted = [...workflow.allow, ...workflow.ask.map((ask) => ask.tool)];
  return reachUnits.flatMap((unit) => {
    const given = workflow.caps[unit];
    if (given === undefined) return [];
    const tools = granted.filter((tool) => known.get(tool)?.includes(unit) === true);
    if (typeof given === "number") return [{ unit, most: given, tools }];
    return [{ unit, most: minorUnits(given), currency: given.currency, tools }];
  });
}

/** Rounded down: a cap of a fraction of a cent allows no more than it says. */
function minorUnits({ amountMicros, currency }: NonNullable<Workflow["caps"]["money"]>): number {
  return Math.floor(amountMicros / 10 ** (6 - (minorDigits(currency) ?? 0)));
}

function modeOf(workflow: Workflow): Pick<WorkflowRules, "mode" | "observeUntil"> {
  const { mode } = workflow;
  if (mode.kind === "enforce") return { mode: "enforce" };
  return { mode: "observe", observeUntil: new Date(endOfDayMs(mode.until)).toISOString() };
}

/** Durations as policies write them: whole seconds. */
function duration(ms: number): string {
  return `${Math.max(1, Math.round(ms / 1000))}s`;
}
