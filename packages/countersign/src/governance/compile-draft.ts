import { buildCatalog } from "../catalog/index.ts";
import { readPins } from "../catalog/sql.ts";
import { Problem } from "../floor/problem.ts";
import { type CompiledPolicies, type PolicyFault, tryCompile } from "../policy/index.ts";
import { check, type Workspace, type WorkspaceFiles, type WorkspaceProblem } from "../workspace/index.ts";
import { policySources } from "./compile-workspace.ts";
import type { LoadSources } from "./load-plane.ts";

/** Files that hold together, with the policy set that they would give. */
export interface CompiledDraft {
  readonly workspace: Workspace;
  readonly policies: CompiledPolicies;
  readonly problems: readonly WorkspaceProblem[];
}

export class WorkspaceFaults extends Problem {
  readonly problems: readonly WorkspaceProblem[];
  constructor(problems: readonly WorkspaceProblem[]) {
    const first = problems.find((problem) => problem.severity === "error") ?? problems[0];
    super("invalid", first?.message ?? "the workspace is not valid", {
      ...(first === undefined ? {} : { at: `${first.file}:${first.line}:${first.column}` }),
      help: `run \`countersign check\`; ${problems.length} found`,
    });
    this.problems = problems;
  }
}

/** Checks and compiles files against what the upstreams list now; fails with every fault and where it is. */
export async function compileDraft(sources: LoadSources, files: WorkspaceFiles): Promise<CompiledDraft> {
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
  const compiled = await tryCompile(policySources(workspace, catalog, pins, 0));
  if (!compiled.ok) throw new WorkspaceFaults(problemsOf(compiled.faults));
  return { workspace, policies: compiled.policies, problems: checked.problems };
}

/** What is wrong with policies, as something that is wrong with files. */
export function problemsOf(faults: readonly PolicyFault[]): readonly WorkspaceProblem[] {
  return faults.map((fault) => ({
    file: fault.file,
    line: fault.line ?? 1,
    column: fault.column ?? 1,
    path: fault.policy ?? "",
    message: fault.detail,
    severity: "error" as const,
    ...(fault.help === undefined ? {} : { help: fault.help }),
  }));
}
