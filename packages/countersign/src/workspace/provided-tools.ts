import type { ToolsFile } from "../catalog/tools-file.ts";

/** The ids of the tools that each server provides; `unknown` where a pack stands for them that is not at hand. */
export type ProvidedTools = ReadonlyMap<string, ReadonlySet<string> | "unknown">;

/** The names of the tools in a shipped pack, `name@version`; undefined where there is no such pack. */
export type PackTools = (pack: string) => readonly string[] | undefined;

export function providedTools(files: readonly ToolsFile[], packTools: PackTools | undefined): ProvidedTools {
  return new Map(
    files.map((file): readonly [string, ReadonlySet<string> | "unknown"] => [file.server, toolsOf(file, packTools)]),
  );
}

function toolsOf(file: ToolsFile, packTools: PackTools | undefined): ReadonlySet<string> | "unknown" {
  const fromPack = file.pack === undefined ? [] : packTools?.(file.pack);
  if (fromPack === undefined) return "unknown";
  const names = [...fromPack, ...Object.keys(file.tools), ...Object.keys(file.methods)];
  return new Set(names.map((name) => `${file.server}.${name}`));
}
