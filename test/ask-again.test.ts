import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { askAgain, mostAgain, type Run } from "./support/ask-again.ts";
import { readFailed } from "./support/test-report.ts";

const passed: Run = { code: 0, failed: [] };
const failing = (...files: string[]): Run => ({
  code: 1,
  failed: files.map((file) => ({ file, told: [`${file} > holds\nit does not`] })),
});

async function asked(...runs: readonly Run[]) {
  const left = [...runs];
  const files: (readonly string[])[] = [];
  const outcome = await askAgain(
    async (asks) => {
      files.push(asks);
      return left.shift() ?? passed;
    },
    ["all"],
  );
  return { ...outcome, files };
}

describe("what failed is asked once more", () => {
  it("and nothing is where all passed", async () => {
    expect(await asked(passed)).toEqual({ failures: [], unsteady: [], files: [["all"]] });
  });

  it("and is named as unsteady where it passes by itself", async () => {
    expect(await asked(failing("a"), passed)).toEqual({
      failures: [],
      unsteady: ["a > holds\nit does not"],
      files: [["all"], ["a"]],
    });
  });

  it("and fails where it fails again", async () => {
    const { failures, unsteady } = await asked(failing("a", "b"), failing("b"));
    expect(failures).toEqual([
      "vitest ended with 1, and with 1 once more",
      "a > holds\nit does not",
      "b > holds\nit does not",
      "once more: b > holds\nit does not",
    ]);
    expect(unsteady).toEqual([]);
  });

  it.each([
    ["more files failed than by accident", failing(..."abcd".slice(0, mostAgain + 1))],
    ["no test failed, and vitest did", { code: 1, failed: [] }],
    ["vitest was ended", { ...failing("a"), code: 130 }],
  ])("but not where %s", async (_name, first) => {
    const { failures, files } = await asked(first, passed);
    expect(failures.length).toBeGreaterThan(0);
    expect(files).toHaveLength(1);
  });
});

describe("a report of vitest's", () => {
  const folder = mkdtempSync(join(tmpdir(), "countersign-report-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("names the files with a failed test, and those that did not even load", () => {
    const file = join(folder, "report.json");
    const test = (fullName: string, status: string, ...failureMessages: string[]) => ({
      fullName,
      status,
      failureMessages,
    });
    const testResults = [
      { name: "/a.test.ts", status: "passed", message: "", assertionResults: [test("holds", "passed")] },
      {
        name: "/b.test.ts",
        status: "failed",
        message: "",
        assertionResults: [test("holds", "passed"), test("adds", "failed", "1 is not 2")],
      },
      { name: "/c.test.ts", status: "failed", message: "cannot be imported", assertionResults: [] },
    ];
    writeFileSync(file, JSON.stringify({ testResults }));
    expect(readFailed(file)).toEqual([
      { file: "/b.test.ts", told: ["/b.test.ts > adds\n1 is not 2"] },
      { file: "/c.test.ts", told: ["/c.test.ts\ncannot be imported"] },
    ]);
  });
});
