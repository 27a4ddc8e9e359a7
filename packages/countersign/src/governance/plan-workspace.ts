import { buildCatalog } from "../catalog/index.ts";
import { readPins } from "../catalog/sql.ts";
import { Problem } from "../floor/problem.ts";
import { tryCompile } from "../policy/index.ts";
import {
  check,
  checkNormalisers,
  type Plan,
  plan,
  type Workspace,
  type WorkspaceFiles,
  type WorkspaceProblem,
} from "../workspace/index.ts";
import { policySources } from "./compile-workspace.ts";
import type { Control } from "./control.ts";
import type { LoadSources } from "./load-plane.ts";

export interface Planned {
  readonly workspace: Workspace;
  readonly plan: Plan;
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

/** What applying these files would change; fails with every fault and where it is. */
export async function planWorkspace(control: Control, sources: LoadSources, files: WorkspaceFiles): Promise<Planned> {
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
  const misfits = checkNormalisers(files, (server, tool) => catalog.tool(server, tool)?.definition.inputSchema);
  if (misfits.length > 0) throw new WorkspaceFaults(misfits);
  const compiled = await tryCompile(policySources(workspace, catalog, pins, 0));
  if (!compiled.ok) {
    throw new WorkspaceFaults(
      compiled.faults.map((fault) => ({
        file: fault.file,
        line: fault.line ?? 1,
        column: fault.column ?? 1,
        path: fault.policy ?? "",
        message: fault.detail,
        severity: "error" as const,
        ...(fault.help === undefined ? {} : { help: fault.help }),
      })) as unknown as readonly WorkspaceProblem[],
    );
  }
  return { workspace, plan: plan(control.keeper.loaded().workspace, workspace), problems: checked.problems };
}
