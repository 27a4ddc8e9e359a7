import { type Case, runTrial, type TrialReport } from "../policy/index.ts";
import type { WorkspaceFiles } from "../workspace/index.ts";
import { draftWorkspace } from "./draft-workspace.ts";
import type { LoadSources } from "./load-plane.ts";
import { trialWorld } from "./trial-world.ts";

export interface TestedCase {
  readonly file: string;
  readonly line: number;
  readonly name: string;
  readonly passed: boolean;
  readonly failures: readonly string[];
  readonly effect?: TrialReport["results"][number]["effect"];
}

export interface TestedPolicies extends Omit<TrialReport, "results"> {
  readonly cases: readonly TestedCase[];
}

/**
 * Runs the tests of files that are not in force. `every`: policies that workflow files generate are given faults, too,
 * and not only the organisation's own.
 */
export async function testPolicies(
  sources: LoadSources,
  files: WorkspaceFiles,
  every: boolean,
): Promise<TestedPolicies> {
  const { workspace, catalog, policies } = await draftWorkspace(sources, files, 0);
  const placed = workspace.tests.flatMap(({ file, cases }) => cases.map((one) => ({ file, one })));
  const cases: readonly Case[] = placed.map(({ one }) => one);
  const { results, ...report } = await runTrial(
    cases,
    trialWorld(workspace, catalog),
    policies,
    (policy) => policy.source === "own" || (every && policy.source === "workflow"),
    () => new Promise((resolve) => setImmediate(resolve)),
  );
  return {
    cases: results.map((result, at) => ({ file: placed[at]?.file ?? "", line: placed[at]?.one.line ?? 1, ...result })),
    ...report,
  };
}
