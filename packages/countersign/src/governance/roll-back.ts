import { Problem } from "../floor/problem.ts";
import { type PersonCaller, requireMay } from "../identity/index.ts";
import { type Applied, applyWorkspace } from "./apply-workspace.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { workspaceAt, workspaceBefore } from "./history-sql.ts";
import type { LoadSources } from "./load-plane.ts";
import { type Planned, planWorkspace } from "./plan-workspace.ts";
import { latestWorkspace, type WorkspaceRow } from "./sql.ts";

/** What putting an earlier workspace in force again would change. */
export async function planRollBack(
  control: Control,
  sources: LoadSources,
  person: PersonCaller,
  revision: number | undefined,
): Promise<Planned & { readonly revision: number }> {
  requireMay(person, "read-private", contextOf(control, {}));
  const earlier = await earlierWorkspace(control, revision);
  return { ...(await planWorkspace(control, sources, earlier.files)), revision: earlier.revision };
}

/**
 * Asks to put an earlier workspace in force again, whole. It is a change like any other: it is checked against the tools
 * of now, its tests run, and a second person signs it where there is one.
 */
export async function rollBack(
  control: Control,
  sources: LoadSources,
  person: PersonCaller,
  revision: number | undefined,
  expected: string | undefined,
): Promise<Applied & { readonly revision: number }> {
  requireMay(person, "apply", contextOf(control, {}));
  const earlier = await earlierWorkspace(control, revision);
  const applied = await applyWorkspace(control, sources, person, earlier.files, expected);
  return { ...applied, revision: earlier.revision };
}

async function earlierWorkspace({ parts }: Control, revision: number | undefined): Promise<WorkspaceRow> {
  const help = "see `countersign policy history`";
  if (revision !== undefined) {
    const named = await workspaceAt(parts.db, revision);
    if (named !== undefined) return named;
    throw new Problem("not_found", `nothing was put in force as revision \`${revision}\``, { help });
  }
  const now = await latestWorkspace(parts.db);
  const before = now === undefined ? undefined : await workspaceBefore(parts.db, now.digest);
  if (before === undefined) throw new Problem("not_found", "nothing else was ever in force", { help });
  return before;
}
