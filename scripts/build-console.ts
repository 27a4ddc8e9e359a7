// Builds the console into the server's package, where that is older than its sources.
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";

const root = join(import.meta.dirname, "..");
const stamp = join(root, "packages/countersign/console/.built");

/** Whether it had to be built. Whoever builds at the same time builds the same. */
export async function buildConsole(): Promise<boolean> {
  const digest = digestOfSources();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === digest) return false;
  await build({ configFile: join(root, "packages/console/vite.config.ts"), logLevel: "error" });
  writeFileSync(stamp, digest);
  return true;
}

function digestOfSources(): string {
  const digest = createHash("sha256");
  const sources = globSync(
    ["package-lock.json", "packages/console/*.*", "packages/{console,client,contract}/src/**/*.*"],
    { cwd: root },
  );
  for (const file of sources.sort()) digest.update(`${file}\n`).update(readFileSync(join(root, file)));
  return digest.digest("hex");
}

if (import.meta.main) process.stdout.write((await buildConsole()) ? "built\n" : "fresh\n");
