#!/usr/bin/env node
// biome-ignore-all lint/style/noProcessEnv: the one place where the command line meets its process
// Runs what was built; in the repository itself, where nothing is built, the sources.
import { existsSync } from "node:fs";

const built = existsSync(new URL("../dist/doors/cli/index.js", import.meta.url));
const at = (name) => new URL(built ? `../dist/${name}.js` : `../src/${name}.ts`, import.meta.url).href;
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
  serve: async () => {
    await import(at("main"));
    return Number(process.exitCode ?? 0);
  },
});
// What a command leaves open (a warm connection, a paused terminal) keeps nobody waiting.
process.stdin.unref?.();
