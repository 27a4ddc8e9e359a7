#!/usr/bin/env -S node --max-semi-space-size=16
// biome-ignore-all lint/style/noProcessEnv: the one place where the command line meets its process
// Runs the sources where they are, as in the repository; a published package has only what was built of them.
import { existsSync } from "node:fs";

const hasSources = existsSync(new URL("../src/doors/cli/index.ts", import.meta.url));
const at = (name) => new URL(hasSources ? `../src/${name}.ts` : `../dist/${name}.js`, import.meta.url).href;

// Before anything is loaded that an older Node cannot read.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const isOld = major < 22 || (major === 22 && minor < 18);
if (isOld || (hasSources && !process.features.typescript)) {
  const what = isOld ? `is ${process.versions.node}` : "was told not to read TypeScript";
  const where = hasSources ? "; in the clone, `npx countersign …` brings the right one" : "";
  process.stderr.write(`countersign needs Node 22.18 or later, and this one ${what}: install Node 24${where}\n`);
  process.exit(69);
}
const { run } = await import(at("doors/cli/index"));

// A reader that has seen enough (`| head`) is no fault.
process.stdout.on("error", (error) => process.exit(error.code === "EPIPE" ? 0 : 70));

process.exitCode = await run({
  argv: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  serve: async (options) => (await import(at("run-server"))).runServer(options),
  backup: async (options) => (await import(at("run-backup"))).runBackup(options),
  restore: async (options) => (await import(at("run-restore"))).runRestore(options),
});
// What a command leaves open (a warm connection, a paused terminal) keeps nobody waiting.
process.stdin.unref?.();
