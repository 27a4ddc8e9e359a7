import type { Control } from "./control.ts";
import { historyRows } from "./history-sql.ts";

/** One time that a workspace was put in force. */
export interface Activation {
  readonly revision: number;
  readonly digest: string;
  readonly at: string;
  readonly by: string;
  readonly signedBy: string | null;
  readonly single: boolean;
  /** The deed in the ledger. */
  readonly receipt: string | null;
  /** Files that are not as in the revision before. */
  readonly changed: readonly string[];
  /** An earlier revision with the very same files: this one went back to it. */
  readonly sameAs?: number;
}

/** Everything that was put in force, newest first: who, when, what changed. All of it is kept. */
export async function readHistory({ parts }: Pick<Control, "parts">, limit: number): Promise<readonly Activation[]> {
  const rows = await historyRows(parts.db, limit + 1);
  return rows.slice(0, limit).map((row, at) => {
    const before = rows[at + 1]?.digests ?? {};
    const names = [...new Set([...Object.keys(before), ...Object.keys(row.digests)])].sort();
    const same = rows.slice(at + 1).find((one) => one.digest === row.digest)?.revision;
    return {
      revision: row.revision,
      digest: row.digest,
      at: row.applied_at,
      by: row.applied_by,
      signedBy: row.signed_by,
      single: row.single,
      receipt: row.entry === null ? null : `/v1/receipts/${row.entry}`,
      changed: names.filter((name) => before[name] !== row.digests[name]),
      ...(same === undefined ? {} : { sameAs: same }),
    };
  });
}
