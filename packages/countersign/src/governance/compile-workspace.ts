import { canonical, type Json } from "@countersign/contract";
import type { Catalog } from "../catalog/index.ts";
import { digestText } from "../floor/digest.ts";
import { type CompiledPolicies, compile, type PolicySources, type WorkflowRules } from "../policy/index.ts";
import type { Workflow } from "../workflows/index.ts";
import type { Workspace } from "../workspace/index.ts";

const digests = new WeakMap<CompiledPolicies, string>();

/** The policy set of a workspace and a catalog; the one before where nothing that it is made of has changed. */
export async function compileWorkspace(
  workspace: Workspace | undefined,
  catalog: Catalog,
  revision: number,
  before: CompiledPolicies | undefined,
): Promise<CompiledPolicies> {
  const sources = policySources(workspace, catalog, revision);
  const digest = digestText(canonical(JSON.parse(JSON.stringify(sources)) as Json));
  if (before !== undefined && digests.get(before) === digest) return before;
  const compiled = await compile(sources);
  digests.set(compiled, digest);
  return compiled;
}

export function policySources(workspace: Workspace | undefined, catalog: Catalog, revision: number): PolicySources {
  const tools = catalog.servers
    .flatMap((server) => catalog.list(server))
    .map((tool) => ({ id: tool.id, inputSchema: tool.definition.inputSchema }));
  const known = new Set(tools.map((tool) => tool.id));
  return {
    revision,
    workflows: (workspace?.workflows ?? []).map((workflow) => rulesOf(workflow, known)),
    own: workspace?.policies ?? [],
    tools,
    groups: (workspace?.groups ?? []).map((group) => group.name),
    checks: ["schema", "secrets"],
  };
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
    mode: modeOf(workflow),
  };
}

function modeOf(workflow: Workflow): "observe" | "enforce" {
  return workflow.mode.kind === "observe" ? "observe" : "enforce";
}

/** Durations as policies write them: whole seconds. */
function duration(ms: number): string {
  return `${Math.max(1, Math.round(ms / 1000))}s`;
}
