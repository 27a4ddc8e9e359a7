import { spawn } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const bin = (name: string): string => join(root, "node_modules", ".bin", name);

/** Every static check, side by side; the tests have their own command. */
const steps: readonly (readonly [string, string, readonly string[]])[] = [
  ["format and lint", bin("biome"), ["ci", "--colors=off", "--error-on-warnings", "--diagnostic-level=warn", "."]],
  [
    "floating promises, exhaustive switches",
    bin("oxlint"),
    [
      "--type-aware",
      "--config",
      ".oxlintrc.json",
      "--deny-warnings",
      "packages",
      "test",
      "scripts",
      "bench",
      "examples",
    ],
  ],
  ["types", bin("tsc"), ["--noEmit", "-p", "tsconfig.json"]],
  ["build", bin("tsc"), ["-b", "packages/contract", "packages/client", "packages/countersign"]],
  ["unused files, exports and dependencies", bin("knip"), ["--no-progress"]],
  [
    "rooms and sizes",
    process.execPath,
    [join(root, "node_modules/vitest/vitest.mjs"), "run", "--config", "vitest.house.config.ts"],
  ],
];

function run(command: string, args: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk));
    child.stderr.on("data", (chunk: Buffer) => (output += chunk));
    child.on("error", (cause) => resolve({ code: 70, output: String(cause) }));
    child.on("close", (code) => resolve({ code: code ?? 70, output }));
  });
}

const started = performance.now();
let failed = 0;
// Two at a time: that is what two cores carry.
const queue = [...steps];
async function work(): Promise<void> {
  for (let step = queue.shift(); step !== undefined; step = queue.shift()) {
    const [name, command, args] = step;
    const from = performance.now();
    const { code, output } = await run(command, args);
    if (code !== 0) failed++;
    console.log(`${code === 0 ? "ok  " : "FAIL"} ${name} (${((performance.now() - from) / 1000).toFixed(1)} s)`);
    if (code !== 0) console.log(output.trimEnd());
  }
}
await Promise.all([work(), work()]);
console.log(`${steps.length - failed} passed, ${failed} failed`);
console.log(`in ${((performance.now() - started) / 1000).toFixed(0)} s`);
process.exit(failed === 0 ? 0 : 1);
