import type { Pack, ToolsFile } from "../catalog/index.ts";

/** The shipped packs by `name@version`. */
export interface Packs {
  get(id: string): Pick<Pack, "tools" | "methods"> | undefined;
  has(id: string): boolean;
  keys(): Iterable<string>;
}

/** The ids of the tools that each server provides; `unknown` where a pack stands for them that is not at hand. */
export type ProvidedTools = ReadonlyMap<string, ReadonlySet<string> | "unknown">;

export function providedTools(files: readonly ToolsFile[], packs: Packs | undefined): ProvidedTools {
  return new Map(
    files.map((file): readonly [string, ReadonlySet<string> | "unknown"] => [file.server, toolsOf(file, packs)]),
  );
}

function toolsOf(file: ToolsFile, packs: Packs | undefined): ReadonlySet<string> | "unknown" {
  const pack = file.pack === undefined ? { tools: {}, methods: {} } : packs?.get(file.pack);
  if (pack === undefined) return "unknown";
  const names = [pack.tools, pack.methods, file.tools, file.methods].flatMap((rules) => Object.keys(rules));
  return new Set(names.map((name) => `${file.server}.${name}`));
}
