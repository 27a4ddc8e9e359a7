import { runCases } from "../policy/index.ts";
import type { WorkspaceProblem } from "../workspace/index.ts";
import type { DraftWorkspace } from "./draft-workspace.ts";
import { trialWorld } from "./trial-world.ts";
import { serverOf, unlistedServers } from "./unlisted-servers.ts";

/**
 * The cases of a workspace's own tests that do not hold for it, each with where it stands, as errors; and as warnings those
 * that cannot be asked yet, since the server of their tool has listed none so far.
 */
export function failingCases({
  workspace,
  catalog,
  policies,
}: Omit<DraftWorkspace, "problems">): readonly WorkspaceProblem[] {
  const world = trialWorld(workspace, catalog);
  const unlisted = unlistedServers(catalog);
  return workspace.tests.flatMap(({ file, cases }) => {
    const waiting = cases.filter(({ tool }) => unlisted.includes(serverOf(tool)));
    const servers = [...new Set(waiting.map(({ tool }) => serverOf(tool)))].sort();
    const failing = cases.flatMap((one, index) => {
      if (waiting.includes(one)) return [];
      const [result] = runCases([one], world, policies).results;
      if (result === undefined || result.passed) return [];
      const message = `the test \`${one.name}\` fails: ${result.failures.join("; ")}`;
      return [
        { file, line: one.line, column: one.column, path: `/cases/${index}`, severity: "error" as const, message },
      ];
    });
    const [first] = waiting;
    if (first === undefined) return failing;
    const many = waiting.length === 1 ? "1 test waits" : `${waiting.length} tests wait`;
    const message = `${many} for the tools of ${servers.map((server) => `\`${server}\``).join(", ")}, which listed none yet; run \`countersign policy test\` once there are some`;
    return [
      ...failing,
      { file, line: first.line, column: first.column, path: "/cases", severity: "warning" as const, message },
    ];
  });
}
