import type { WorkspaceFiles, WorkspaceProblem } from "../workspace/index.ts";
import { draftWorkspace, problemOf } from "./draft-workspace.ts";
import type { LoadSources } from "./load-plane.ts";
import type { RuleBinding } from "./rule-bindings.ts";
import { WorkspaceFaults } from "./workspace-faults.ts";

export interface CheckedPolicies {
  readonly ok: boolean;
  /** How many policies the files make, with those that ship and those of workflow files; absent where they do not hold. */
  readonly policies?: number;
  readonly problems: readonly WorkspaceProblem[];
  /** Rules that workflow files state in words, and that nothing enforces. */
  readonly unenforced: readonly RuleBinding[];
}

/** Everything that stands against putting files in force, against the tools as they are reviewed now. */
export async function checkPolicies(sources: LoadSources, files: WorkspaceFiles): Promise<CheckedPolicies> {
  try {
    const { policies, problems, rules } = await draftWorkspace(sources, files, 0);
    const unenforced = rules.filter((one) => one.state !== "enforced" && one.stated);
    const warnings = policies.warnings.map((warning) => problemOf(warning, "warning"));
    return { ok: true, policies: policies.policies.length, problems: [...problems, ...warnings], unenforced };
  } catch (thrown) {
    if (!(thrown instanceof WorkspaceFaults)) throw thrown;
    return { ok: false, problems: thrown.problems, unenforced: [] };
  }
}
