import { isAttached, type VetoRule } from "../vetoes/index.ts";
import type { Workspace } from "../workspace/index.ts";

/** The external decision points that are asked about a tool's calls in a workflow. */
export function attachedVetoes(
  workspace: Pick<Workspace, "organisation"> | undefined,
  workflow: string,
  tool: string,
): readonly VetoRule[] {
  return (workspace?.organisation.vetoes ?? []).filter((rule) => isAttached(rule, workflow, tool));
}
