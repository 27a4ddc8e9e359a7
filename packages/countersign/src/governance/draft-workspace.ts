import { buildCatalog, type Catalog } from "../catalog/index.ts";
import { readPins } from "../catalog/sql.ts";
import { type CompiledPolicies, type PolicyFault, tryCompile } from "../policy/index.ts";
import {
  check,
  checkNormalisers,
  checkScopes,
  quoted,
  type Workspace,
  type WorkspaceFiles,
  type WorkspaceProblem,
} from "../workspace/index.ts";
import { policySources, shapesOf } from "./compile-workspace.ts";
import type { LoadSources } from "./load-plane.ts";
import { type RuleBinding, ruleBindings } from "./rule-bindings.ts";
import { unlistedServers, waitsFor } from "./unlisted-servers.ts";
import { WorkspaceFaults } from "./workspace-faults.ts";

/** Files that hold together, with the catalog and the policies that they would make. Nothing of it is in force. */
export interface DraftWorkspace {
  readonly workspace: Workspace;
  readonly catalog: Catalog;
  readonly policies: CompiledPolicies;
  readonly problems: readonly WorkspaceProblem[];
  readonly rules: readonly RuleBinding[];
  /** Digest of what its policies see of each tool. */
  readonly shapes: ReadonlyMap<string, string>;
}

/** Reads files as if they were put in force now; fails with every fault and where it is. */
export async function draftWorkspace(
  sources: LoadSources,
  files: WorkspaceFiles,
  revision: number,
): Promise<DraftWorkspace> {
  const checked = check(files, { packs: sources.packs });
  if (checked.workspace === undefined) throw new WorkspaceFaults(checked.problems);
  const { workspace } = checked;
  const pins = await readPins(sources.db);
  const catalog = buildCatalog({
    files: workspace.toolsFiles,
    packs: sources.packs,
    pins,
    definitions: sources.definitions(),
    environments: workspace.environments,
    workspace: sources.folder,
  });
  const schemaOf = (server: string, tool: string) => catalog.tool(server, tool)?.definition.inputSchema;
  const misfits = [...checkNormalisers(files, schemaOf), ...checkScopes(files, schemaOf)];
  if (misfits.length > 0) throw new WorkspaceFaults(misfits);
  const policies = policySources(workspace, catalog, pins, revision);
  const strict = await tryCompile(policies);
  const isWaiting = !strict.ok && waitsFor(unlistedServers(catalog), strict.faults);
  const compiled = isWaiting ? await tryCompile({ ...policies, absent: "expect" }) : strict;
  if (compiled.ok) {
    const { policies } = compiled;
    const rules = ruleBindings(workspace, policies, files);
    // A rule that says it is enforced by what is not there is not true.
    const unbound = rules.filter((one) => one.state === "unbound");
    if (unbound.length > 0) throw new WorkspaceFaults(unbound.map((one) => ruleProblem(one, "error")));
    const silent = rules
      .filter((one) => one.stated && one.state !== "enforced")
      .map((one) => ruleProblem(one, "warning"));
    const shapes = shapesOf(catalog, pins);
    return { workspace, catalog, policies, rules, shapes, problems: [...checked.problems, ...silent] };
  }
  throw new WorkspaceFaults(compiled.faults.map((fault) => problemOf(fault, "error")));
}

function ruleProblem({ file, line, rule, why }: RuleBinding, severity: WorkspaceProblem["severity"]): WorkspaceProblem {
  return { file, line, column: 1, path: "", severity, message: `the rule ${quoted(rule)} is not enforced: ${why}` };
}

/** What stands against a policy, as everything else that is wrong with a workspace's files. */
export function problemOf(fault: PolicyFault, severity: WorkspaceProblem["severity"]): WorkspaceProblem {
  return {
    file: fault.file,
    line: fault.line ?? 1,
    column: fault.column ?? 1,
    path: fault.policy ?? "",
    message: fault.detail,
    severity,
    ...(fault.help === undefined ? {} : { help: fault.help }),
  };
}
