import { checkTexts } from "../policy/index.ts";
import type { Workspace, WorkspaceProblem } from "../workspace/index.ts";
import { configuredChecks } from "./compile-workspace.ts";
import { problemOf } from "./draft-workspace.ts";

/** What stands against a workspace's own policies, as far as it can be told without a catalog. */
export async function checkPolicyTexts(workspace: Workspace): Promise<readonly WorkspaceProblem[]> {
  const faults = await checkTexts(workspace.policies, {
    groups: workspace.groups.map((group) => group.name),
    people: workspace.people.map((person) => person.email),
    checks: configuredChecks,
    workflows: workspace.workflows.map(({ name, agents }) => ({ workflow: name, agents })),
  });
  return faults.map((fault) => problemOf(fault, "error"));
}
