import type { Tx } from "../db/db.ts";
import type { WorkspaceRow } from "./sql.ts";

export interface HistoryRow extends Omit<WorkspaceRow, "files"> {
  readonly entry: string | null;
  /** SHA-256 of each file's text, by its path. */
  readonly digests: { readonly [file: string]: string };
}

/** What was put in force, newest first. */
export async function historyRows(tx: Tx, limit: number): Promise<readonly HistoryRow[]> {
  const text = `select revision, digest, applied_by, applied_at, signed_by, single, entry,
      (select coalesce(jsonb_object_agg(f.key, encode(sha256(convert_to(f.value, 'UTF8')), 'hex')), '{}')
       from jsonb_each_text(files) f) as digests
    from workspace_version order by revision desc limit $1`;
  return (await tx.query<HistoryRow>(text, [limit])).rows;
}

export async function workspaceAt(tx: Tx, revision: number): Promise<WorkspaceRow | undefined> {
  return (await tx.query<WorkspaceRow>("select * from workspace_version where revision = $1", [revision])).rows[0];
}

/** The newest one that is not what is in force now. */
export async function workspaceBefore(tx: Tx, digest: string): Promise<WorkspaceRow | undefined> {
  const text = "select * from workspace_version where digest <> $1 order by revision desc limit 1";
  return (await tx.query<WorkspaceRow>(text, [digest])).rows[0];
}

/** Everything that was put in force, oldest first, with its files. A backup from before deeds were named has no `entry`. */
export async function workspacesInOrder(
  tx: Tx,
): Promise<readonly (WorkspaceRow & { readonly entry?: string | null })[]> {
  return (await tx.query<WorkspaceRow & { entry?: string | null }>("select * from workspace_version order by revision"))
    .rows;
}

/** The deeds that put a workspace in force, as the ledger has them. */
export async function appliedDeeds(tx: Tx): Promise<readonly string[]> {
  const text = "select subject from entry where kind = 'applied' and step = 0";
  return (await tx.query<{ subject: string }>(text)).rows.map((row) => row.subject);
}
