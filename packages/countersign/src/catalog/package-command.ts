import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { z } from "zod";
import { Problem } from "../floor/problem.ts";
import type { Transport } from "./tools-file.ts";

const manifestSchema = z.looseObject({
  name: z.string(),
  version: z.string(),
  bin: z.union([z.string(), z.record(z.string(), z.string())]).optional(),
});

/**
 * The command of a `package` transport: the running Node and the package's own script, found in the `node_modules`
 * folders from each of `folders` upwards. Never downloads, never asks a shell or `PATH`.
 */
export function packageCommand(
  transport: Extract<Transport, { kind: "package" }>,
  folders: readonly string[],
): { readonly command: string; readonly args: readonly string[] } {
  const folder = folders.map((start) => findPackage(start, transport.package)).find((found) => found !== undefined);
  if (folder === undefined) {
    throw new Problem("not_found", `package \`${transport.package}\` is not installed`, {
      help: `npm install ${transport.package}`,
    });
  }
  const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(folder, "package.json"), "utf8")));
  if (manifest.name !== transport.package)
    throw new Problem("invalid", `\`${transport.package}\` holds another package`);
  if (transport.version !== undefined && manifest.version !== transport.version) {
    throw new Problem(
      "conflict",
      `\`${transport.package}\` is installed as ${manifest.version}, the tools file says ${transport.version}`,
    );
  }
  return { command: process.execPath, args: [scriptOf(folder, manifest, transport.bin), ...transport.args] };
}

function findPackage(start: string, name: string): string | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", ...name.split("/"));
    if (existsSync(join(candidate, "package.json"))) return realpathSync(candidate);
    if (dirname(folder) === folder) return undefined;
  }
}

function scriptOf(folder: string, manifest: z.infer<typeof manifestSchema>, bin: string | undefined): string {
  const bins =
    typeof manifest.bin === "string" ? { [manifest.name.split("/").at(-1) ?? ""]: manifest.bin } : (manifest.bin ?? {});
  const names = Object.keys(bins);
  const chosen = bin ?? (names.length === 1 ? names[0] : undefined);
  const script = chosen !== undefined && Object.hasOwn(bins, chosen) ? bins[chosen] : undefined;
  if (script === undefined) {
    throw new Problem("invalid", `\`${manifest.name}\` has no single command to start`, {
      help: `name one with \`bin\`: ${names.join(", ")}`,
    });
  }
  const path = join(folder, script);
  // A manifest could point out of its package.
  if (!existsSync(path) || !realpathSync(path).startsWith(folder + sep)) {
    throw new Problem("invalid", `the command of \`${manifest.name}\` is not inside the package`);
  }
  return path;
}
