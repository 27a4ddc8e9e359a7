import { buildCatalog } from "../catalog/index.ts";
import { readPins } from "../catalog/sql.ts";
import { Problem } from "../floor/problem.ts";
import { type PersonCaller, requireMay } from "../identity/index.ts";
import { tryCompile } from "../policy/index.ts";
import {
  check,
  type Plan,
  plan,
  type Workspace,
  type WorkspaceFiles,
  type WorkspaceProblem,
} from "../workspace/index.ts";
import { policySources } from "./compile-workspace.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";
import type { LoadSources } from "./load-plane.ts";
import { insertWorkspace, latestWorkspace } from "./sql.ts";

export interface Planned {
  readonly workspace: Workspace;
  readonly plan: Plan;
  readonly problems: readonly WorkspaceProblem[];
}

export class WorkspaceFaults extends Problem {
  readonly problems: readonly WorkspaceProblem[];
  constructor(problems: readonly WorkspaceProblem[]) {
    const first = problems.find((problem) => problem.severity === "error") ?? problems[0];
    super("invalid", first?.message ?? "the workspace is not valid", {
      ...(first === undefined ? {} : { at: `${first.file}:${first.line}:${first.column}` }),
      help: `run \`countersign check\`; ${problems.length} found`,
    });
    this.problems = problems;
  }
}

/** What applying these files would change; fails with every fault and where it is. */
export async function planWorkspace(control: Control, sources: LoadSources, files: WorkspaceFiles): Promise<Planned> {
  const checked = check(files, { packs: sources.packs });
  if (checked.workspace === undefined) throw new WorkspaceFaults(checked.problems);
  const { workspace } = checked;
  const pins = await readPins(sources.db);
  const catalog = buildCatalog({
    files: workspace.toolsFiles,
    packs: sources.packs,
    pins,
    definitions: sources.definitions(),
    environments: workspace.environments,
    workspace: sources.folder,
  });
  const compiled = await tryCompile(policySources(workspace, catalog, pins, 0));
  if (!compiled.ok) {
    throw new WorkspaceFaults(
      compiled.faults.map((fault) => ({
        file: fault.file,
        line: fault.line ?? 1,
        column: fault.column ?? 1,
        path: fault.policy ?? "",
        message: fault.detail,
        severity: "error" as const,
        ...(fault.help === undefined ? {} : { help: fault.help }),
      })) as unknown as readonly WorkspaceProblem[],
    );
  }
  return { workspace, plan: plan(control.keeper.loaded().workspace, workspace), problems: checked.problems };
}

/** Puts checked files in force, with their digest and the person, in the ledger. Nothing half applies. */
export async function applyWorkspace(
  control: Control,
  sources: LoadSources,
  person: PersonCaller,
  files: WorkspaceFiles,
  expected?: string,
): Promise<Planned & { readonly entry: string }> {
  requireMay(person, "apply", contextOf(control, {}));
  return putInForce(control, sources, person.email, files, expected);
}

/** The first workspace of an empty data folder: whoever starts the server holds its files. */
export async function applyFirst(
  control: Control,
  sources: LoadSources,
  files: WorkspaceFiles,
): Promise<Planned & { readonly entry: string }> {
  if (control.keeper.loaded().workspace !== undefined) {
    throw new Problem("conflict", "a workspace is in force already", { help: "a person applies the next one" });
  }
  return putInForce(control, sources, "countersign", files, undefined);
}

async function putInForce(
  control: Control,
  sources: LoadSources,
  by: string,
  files: WorkspaceFiles,
  expected: string | undefined,
) {
  const planned = await planWorkspace(control, sources, files);
  const before = control.keeper.loaded().workspace?.digest;
  if (expected !== undefined && expected !== before) {
    throw new Problem("conflict", "the workspace in force is not the one that this was planned against", {
      help: "run `countersign plan` again",
    });
  }
  const entry = await govern(control, {
    kind: "applied",
    person: by,
    payload: {
      digest: planned.workspace.digest,
      before: before ?? null,
      files: planned.workspace.files,
      changes: planned.plan,
    },
    change: async (tx) => {
      if ((await latestWorkspace(tx))?.digest !== before)
        throw new Problem("conflict", "somebody else applied a workspace first");
      await insertWorkspace(tx, planned.workspace.digest, files, by);
    },
  });
  return { ...planned, entry };
}
