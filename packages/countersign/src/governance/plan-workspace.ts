import { type Plan, plan, type Workspace, type WorkspaceFiles, type WorkspaceProblem } from "../workspace/index.ts";
import type { Control } from "./control.ts";
import { draftWorkspace } from "./draft-workspace.ts";
import { failingCases } from "./failing-cases.ts";
import type { LoadSources } from "./load-plane.ts";
import { requireInvariants } from "./require-invariants.ts";
import { WorkspaceFaults } from "./workspace-faults.ts";

export interface Planned {
  readonly workspace: Workspace;
  readonly plan: Plan;
  readonly problems: readonly WorkspaceProblem[];
  /** Digest of each tool that the invariants were proven of with these files. */
  readonly proven: ReadonlyMap<string, string>;
}

/**
 * What applying these files would change; fails with every fault and where it is. A test of the workspace that fails is
 * a fault, and so is an invariant that is not proven of the policies that they give: what is in force stays in force.
 */
export async function planWorkspace(control: Control, sources: LoadSources, files: WorkspaceFiles): Promise<Planned> {
  const draft = await draftWorkspace(sources, files, 0);
  const cases = failingCases(draft);
  const failing = cases.filter(({ severity }) => severity === "error");
  if (failing.length > 0) throw new WorkspaceFaults(failing, "run `countersign policy test`");
  await requireInvariants(sources, draft);
  const { workspace, problems, shapes } = draft;
  const told = [...problems, ...cases];
  return { workspace, plan: plan(control.keeper.loaded().workspace, workspace), problems: told, proven: shapes };
}
