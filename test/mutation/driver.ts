// A process of its own inside a copy: runs the tests that it is told to, one request after the other.
import { createVitest } from "vitest/node";
import type { Answer, Question } from "./copy.ts";

const vitest = await createVitest("test", {
  config: "test/mutation/vitest.config.ts",
  watch: false,
  reporters: [{}],
  onConsoleLog: () => false,
});
const project = vitest.projects[0];
if (project === undefined) throw new Error("there is no project of tests");

async function answered({ tests, changed, bail }: Question): Promise<Answer> {
  for (const file of changed) vitest.invalidateFile(file);
  vitest.config.bail = bail ? 1 : 0;
  for (const one of vitest.projects) one.config.bail = vitest.config.bail;
  vitest.state.filesMap.clear();
  vitest.state.errorsSet.clear();
  const specifications = tests.map(({ file, ids }) =>
    project!.createSpecification(file, ids === undefined ? undefined : { testIds: [...ids] }),
  );
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications);
  return {
    tests: testModules.flatMap((module) =>
      [...module.children.allTests()].map((test) => ({
        file: module.moduleId,
        id: test.id,
        name: test.fullName,
        state: test.result().state,
        ms: test.diagnostic()?.duration ?? 0,
        fault: test.result().errors?.[0]?.message ?? "",
      })),
    ),
    faults: [
      ...testModules.flatMap((module) =>
        module.errors().map((error) => `${module.relativeModuleId}: ${error.message}`),
      ),
      ...testModules.flatMap((module) =>
        [...module.children.allSuites()].flatMap((suite) => suite.errors().map((error) => error.message)),
      ),
      ...unhandledErrors.map(String),
    ],
  };
}

process.on("disconnect", () => void vitest.close().finally(() => process.exit(0)));
process.on("message", async (question: Question) => {
  try {
    process.send?.(await answered(question));
  } catch (thrown) {
    process.send?.({ tests: [], faults: [`the driver failed: ${String(thrown)}`] } satisfies Answer);
  }
});
process.send?.({ tests: [], faults: [] } satisfies Answer);
