import { type Plan, plan, type Workspace, type WorkspaceFiles, type WorkspaceProblem } from "../workspace/index.ts";
import { compileDraft } from "./compile-draft.ts";
import type { Control } from "./control.ts";
import type { LoadSources } from "./load-plane.ts";
import { requireInvariants } from "./require-invariants.ts";

export interface Planned {
  readonly workspace: Workspace;
  readonly plan: Plan;
  readonly problems: readonly WorkspaceProblem[];
}

/**
 * What applying these files would change; fails with every fault and where it is, and where an invariant is not proven of
 * the policies that they give.
 */
export async function planWorkspace(control: Control, sources: LoadSources, files: WorkspaceFiles): Promise<Planned> {
  const draft = await compileDraft(sources, files);
  await requireInvariants(sources, draft);
  const { workspace, problems } = draft;
  return { workspace, plan: plan(control.keeper.loaded().workspace, workspace), problems };
}
