import { runCases } from "../policy/index.ts";
import type { WorkspaceProblem } from "../workspace/index.ts";
import type { DraftWorkspace } from "./draft-workspace.ts";
import { trialWorld } from "./trial-world.ts";

/** The cases of a workspace's own tests that do not hold for it, each with where it stands. */
export function failingCases({
  workspace,
  catalog,
  policies,
}: Omit<DraftWorkspace, "problems">): readonly WorkspaceProblem[] {
  const world = trialWorld(workspace, catalog);
  return workspace.tests.flatMap(({ file, cases }) =>
    cases.flatMap((one, index) => {
      const [result] = runCases([one], world, policies).results;
      if (result === undefined || result.passed) return [];
      return [
        {
          file,
          line: one.line,
          column: one.column,
          path: `/cases/${index}`,
          severity: "error" as const,
          message: `the test \`${one.name}\` fails: ${result.failures.join("; ")}`,
        },
      ];
    }),
  );
}
