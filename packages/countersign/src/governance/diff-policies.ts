import { type Comparison, compareSets } from "../policy/index.ts";
import type { WorkspaceFiles } from "../workspace/index.ts";
import { compileDraft } from "./compile-draft.ts";
import type { Control } from "./control.ts";
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
      against === undefined ? control.keeper.loaded().policies : (await compileDraft(sources, against)).policies;
    const after = (await compileDraft(sources, files)).policies;
    const now = () => sources.clock.tick();
    const comparison = await withSolver(sources, (solver) => compareSets(before, after, solver, { ...limits, now }));
    return { from: before.digest, to: after.digest, ...comparison };
  });
}
