import { canonical, type Json } from "@countersign/contract";
import type { Catalog, Pin, Tool } from "../catalog/index.ts";
import { digestText } from "../floor/digest.ts";
import { type CompiledPolicies, compile, type PolicySources, type WorkflowRules } from "../policy/index.ts";
import { endOfDayMs, type Workflow } from "../workflows/index.ts";
import type { Workspace } from "../workspace/index.ts";

/** Checks that the gate runs before it decides. */
export const configuredChecks: readonly string[] = ["schema", "secrets", "secret-reference"];

const digests = new WeakMap<CompiledPolicies, string>();

/** The policy set of a workspace and a catalog; the one before where nothing that it is made of has changed. */
export async function compileWorkspace(
  workspace: Workspace | undefined,
  catalog: Catalog,
  pins: readonly Pin[],
  revision: number,
  before: CompiledPolicies | undefined,
): Promise<CompiledPolicies> {
  // A server that is away, or lists something else, must not take the rules of everyone else down with it.
  const sources: PolicySources = { ...policySources(workspace, catalog, pins, revision), absent: "expect" };
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
): PolicySources {
  const tools = catalog.servers.flatMap((server) => catalog.list(server)).map((tool) => shapeOf(tool, pins));
  const known = new Set(tools.map((tool) => tool.id));
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

/** The types of a tool's arguments come from what was reviewed: what a server says since then is not believed. */
function shapeOf(tool: Tool, pins: readonly Pin[]): PolicySources["tools"][number] {
  if (tool.reviewed) return { id: tool.id, inputSchema: tool.definition.inputSchema };
  const pinned = pins.find((pin) => pin.server === tool.server && pin.tool === tool.name && pin.status === "pinned");
  return { id: tool.id, inputSchema: pinned?.definition.inputSchema ?? { type: "object" } };
}

/** A workflow file's rules for policy. A tool that no server lists now grants nothing; it is left out until it is there. */
function rulesOf(workflow: Workflow, known: ReadonlySet<string>): WorkflowRules {
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
      })),
    block: workflow.block.filter((tool) => known.has(tool)),
    irreversible: workflow.irreversible.filter((tool) => known.has(tool)),
    ...modeOf(workflow),
  };
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
