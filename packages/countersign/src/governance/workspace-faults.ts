import { Problem } from "../floor/problem.ts";
import type { WorkspaceProblem } from "../workspace/index.ts";

/** Why files cannot be put in force: every fault, and where it is. */
export class WorkspaceFaults extends Problem {
  readonly problems: readonly WorkspaceProblem[];
  constructor(problems: readonly WorkspaceProblem[], help = "run `countersign check`") {
    const first = problems.find((problem) => problem.severity === "error") ?? problems[0];
    super("invalid", first?.message ?? "the workspace is not valid", {
      ...(first === undefined ? {} : { at: `${first.file}:${first.line}:${first.column}` }),
      help: `${help}; ${problems.length} found`,
    });
    this.problems = problems;
  }
}
