// Builds the console into the server's package, where that is older than its sources.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const stamp = join(root, "packages/countersign/console/.built");

/** Whether it had to be built. Whoever builds at the same time builds the same. */
export async function buildConsole(): Promise<boolean> {
  const digest = digestOfSources();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === digest) return false;
  await build();
  writeFileSync(stamp, digest);
  return true;
}

/** In a process of its own: what a test runner says about the environment would make it a build for developers. */
function build(): Promise<void> {
  const vite = join(root, "node_modules/vite/bin/vite.js");
  const child = spawn(process.execPath, [vite, "build", "--logLevel", "error"], {
    cwd: join(root, "packages/console"),
    env: { ...process.env, NODE_ENV: "production" },
    stdio: ["ignore", "ignore", "inherit"],
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve() : reject(new Error(`the console does not build: ${code}`))));
  });
}

function digestOfSources(): string {
  const digest = createHash("sha256");
  const sources = globSync(
    [
      "package-lock.json",
      "scripts/build-console.ts",
      "packages/console/*.*",
      "packages/{client,contract}/package.json",
      "packages/{console,client,contract}/src/**/*.*",
    ],
    { cwd: root },
  );
  for (const file of sources.sort()) digest.update(`${file}\n`).update(readFileSync(join(root, file)));
  return digest.digest("hex");
}

if (import.meta.main) process.stdout.write((await buildConsole()) ? "built\n" : "fresh\n");
