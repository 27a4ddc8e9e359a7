import type { CompiledPolicies } from "../policy/index.ts";
import { readAnew } from "../policy/trial/differing-needs.ts";
import {
  type Plan,
  plan,
  quoted,
  type Workspace,
  type WorkspaceFiles,
  type WorkspaceProblem,
} from "../workspace/index.ts";
import type { Control } from "./control.ts";
import { draftWorkspace } from "./draft-workspace.ts";
import { failingCases } from "./failing-cases.ts";
import { limitsBegunEmpty } from "./fill-windows.ts";
import type { LoadSources } from "./load-plane.ts";
import { requireInvariants } from "./require-invariants.ts";
import { WorkspaceFaults } from "./workspace-faults.ts";

export interface Planned {
  readonly workspace: Workspace;
  readonly plan: Plan;
  readonly problems: readonly WorkspaceProblem[];
  readonly policies: CompiledPolicies;
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
  const { workspace, policies, problems, shapes } = draft;
  const empty = (await limitsBegunEmpty(control, policies)).map(emptyProblem);
  const anew = readAnew(control.keeper.loaded().policies, policies).map(anewProblem);
  const told = [...problems, ...cases, ...empty, ...anew];
  return {
    workspace,
    plan: plan(control.keeper.loaded().workspace, workspace),
    problems: told,
    policies,
    proven: shapes,
  };
}

/** More passes than it says until its time is over once: whoever signs it knows. */
function emptyProblem(id: string): WorkspaceProblem {
  return limitProblem(
    id,
    "begins empty: more was done in its time than is counted when it is put in force",
    "`countersign policy simulate` counts all of it; until its `within` has passed once, more passes than `most`",
  );
}

function anewProblem(id: string): WorkspaceProblem {
  return limitProblem(
    id,
    "begins empty for values that the catalog reads otherwise than before: what was done is counted as it was read then",
    "until its `within` has passed once, more passes than `most`",
  );
}

function limitProblem(id: string, what: string, help: string): WorkspaceProblem {
  const [workflow = ""] = id.split("/");
  const place = { file: `workflows/${workflow}.yaml`, line: 1, column: 1, path: id };
  return { ...place, severity: "warning", message: `the limit ${quoted(id)} ${what}`, help };
}
