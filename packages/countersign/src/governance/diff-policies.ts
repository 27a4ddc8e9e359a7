import { type Comparison, compareSets } from "../policy/index.ts";
import type { WorkspaceFiles } from "../workspace/index.ts";
import type { Control } from "./control.ts";
import { draftWorkspace } from "./draft-workspace.ts";
import type { LoadSources } from "./load-plane.ts";
import { withSolver } from "./prove-invariants.ts";
import { oneOfFew } from "./prove-policies.ts";

const limits = { questionMs: 10_000, invariantMs: 10_000, allMs: 40_000 } as const;

/** A comparison with the digests of the two policy sets. */
export type PolicyDiff = Comparison & { readonly from: string; readonly to: string };

/** What these files would newly allow, deny and ask people for: against others, or against what is in force. */
export function diffPolicies(
  control: Control,
  sources: LoadSources,
  files: WorkspaceFiles,
  against?: WorkspaceFiles,
): Promise<PolicyDiff> {
  return oneOfFew(async () => {
    const before =
      against === undefined ? control.keeper.loaded().policies : (await draftWorkspace(sources, against, 0)).policies;
    const after = (await draftWorkspace(sources, files, 0)).policies;
    const now = () => sources.clock.tick();
    const comparison = await withSolver(sources, (solver) => compareSets(before, after, solver, { ...limits, now }));
    return { from: before.digest, to: after.digest, ...comparison };
  });
}
