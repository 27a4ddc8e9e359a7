import type { z } from "zod";
import { repeats, type Typed } from "./draft.ts";
import { problemAt, quoted, type WorkspaceProblem } from "./finding.ts";
import type { PolicyTests, policyTestsFile } from "./policy-tests.ts";

/** The cases of test files, each with its place; a name that stands twice in one file is a problem. */
export function testsOf(
  files: readonly Typed<z.output<typeof policyTestsFile>>[],
  problems: WorkspaceProblem[],
): readonly PolicyTests[] {
  return files.map(({ source, value }) => {
    for (const { name, index } of repeats(value.cases.map((one) => one.name))) {
      const path = ["cases", index, "name"];
      const help = "give each case a name of its own";
      problems.push(
        problemAt(source.file, source.place(path), path, { message: `there is another case ${quoted(name)}`, help }),
      );
    }
    return {
      file: source.file,
      cases: value.cases.map((one, index) => ({ ...one, ...source.place(["cases", index]) })),
    };
  });
}
