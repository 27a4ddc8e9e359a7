import type { ToolsFile } from "../catalog/index.ts";
import type { Workflow } from "../workflows/index.ts";
import type { Complaint, Path } from "./finding.ts";
import type { Organisation } from "./organisation.ts";
import type { SourceFile } from "./yaml.ts";

/** A file whose form is right; what it names is not yet known to exist. */
export interface Typed<T> {
  readonly source: SourceFile;
  readonly value: T;
}

export interface Draft {
  readonly organisation: Typed<Organisation>;
  readonly workflows: readonly Typed<Workflow>[];
  readonly toolsFiles: readonly Typed<ToolsFile>[];
  /** False where a tools file could not be read: then nothing is said of tools that nobody seems to provide. */
  readonly toolsAreComplete: boolean;
  /** False where a workflow file could not be read: then nothing is said of agents that no workflow seems to name. */
  readonly workflowsAreComplete: boolean;
}

export type Report = (source: SourceFile, path: Path, complaint: Complaint, part?: "value" | "key") => void;

/** The names of a list that were there before, with their position. */
export function repeats(names: readonly string[]): readonly { readonly name: string; readonly index: number }[] {
  const seen = new Set<string>();
  return names.flatMap((name, index) => {
    if (seen.has(name)) return [{ name, index }];
    seen.add(name);
    return [];
  });
}

/** `docs` of `workflows/docs.yaml`. */
export function stem(file: string): string {
  return file.slice(file.lastIndexOf("/") + 1, -".yaml".length);
}
