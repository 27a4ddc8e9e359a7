import { spawn } from "node:child_process";
import { globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { needsDatabase, reachOf } from "../test/mutation/reach.ts";
import { askAgain } from "../test/support/ask-again.ts";
import { readFailed } from "../test/support/test-report.ts";
import { buildOpa } from "./build-opa.ts";
import { installBrowser } from "./install-browser.ts";

const root = join(import.meta.dirname, "..");
const vitest = join(root, "node_modules/vitest/vitest.mjs");
const given = process.argv.slice(2);

/** What could not be had here: said in the last lines, and a failure in CI. */
const missing: string[] = [];

function vitestRun(args: readonly string[], environment: Record<string, string>): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [vitest, "run", ...args], {
      cwd: root,
      stdio: "inherit",
      env: { ...process.env, ...environment },
    });
    child.on("error", () => resolve(70));
    child.on("close", (code) => resolve(code ?? 70));
  });
}

if (given.length > 0) process.exit(await vitestRun(given, {}));

const browser = installBrowser();
if (browser !== undefined) missing.push(browser);
try {
  buildOpa();
} catch (thrown) {
  // The tests that need it say so too, and fail.
  missing.push(thrown instanceof Error ? thrown.message : String(thrown));
}

const found = mkdtempSync(join(tmpdir(), "countersign-tests-"));
/** What failed, to be said once more in the last lines: whoever reads a long log sees its end. */
const failures: string[] = [];

/** What failed in the whole and passed by itself: said there too, since it is a finding either way. */
const unsteady: string[] = [];

async function whole(server: string, args: readonly string[], environment: Record<string, string>): Promise<boolean> {
  let runs = 0;
  const outcome = await askAgain(async (files) => {
    if (runs++ > 0) console.log(`\nonce more, by themselves: ${files.join(", ")}`);
    const file = join(found, `${server}-${runs}.json`);
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
    const code = await vitestRun([...files, ...reporters], environment);
    if (code === 0) return { code, failed: [] };
    try {
      return { code, failed: readFailed(file) };
    } catch (thrown) {
      console.log(`its report could not be read: ${String(thrown)}`);
      return { code, failed: [] };
    }
  }, args);
  failures.push(...outcome.failures.map((one) => `PostgreSQL ${server}: ${one}`));
  unsteady.push(...outcome.unsteady.map((one) => `PostgreSQL ${server}: ${one}`));
  return outcome.failures.length === 0;
}

let failed = (await whole("18", [], {})) ? 0 : 1;
// The oldest PostgreSQL that is supported: every test of a room that asks a database, and the stories that are the
// tests of rooms with statements of their own. The other stories say the same of both.
console.log("\nthe same against PostgreSQL 15:");
const storiesOnFifteen =
  /\/(http|approver|backup|connect-workflow|data-cleanup|erasures|flow\.|looked-again|notice-|people|simulate-|timestamps)/;
const onFifteen = globSync(["packages/countersign/src/**/*.test.ts", "test/stories/*.test.ts"], { cwd: root })
  .filter((test) => test.startsWith("packages/") || storiesOnFifteen.test(test))
  .filter((test) => needsDatabase(reachOf(root, test)))
  .sort();
if (onFifteen.length < 60) throw new Error(`only ${onFifteen.length} test files would meet PostgreSQL 15`);
if (!(await whole("15", onFifteen, { COUNTERSIGN_TEST_PG: "15" }))) failed++;
rmSync(found, { recursive: true, force: true });

for (const one of unsteady) console.log(`unsteady (it failed in the whole and passed by itself): ${one}`);
for (const one of failures) console.log(`failed: ${one}`);
for (const line of missing) console.log(`not had: ${line}`);
if (missing.length > 0 && process.env.CI === "true") failed++;
console.log(failed === 0 ? "all that could be tested here holds" : "something does not hold");
process.exit(failed === 0 ? 0 : 1);
