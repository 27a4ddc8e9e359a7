import type { Tx } from "../db/db.ts";
import { erasureOf } from "../erasure/index.ts";
import { readSubject } from "../ledger/read.ts";
import type { KeyWrap } from "../ledger/seal.ts";

/** By whom, when and why a receipt's content was erased. */
export interface Erased {
  readonly by: readonly string[];
  readonly at: string;
  readonly because: string;
  /** The deed, whose own receipt says it. */
  readonly receipt: string;
}

interface ErasedPayload {
  readonly signed?: readonly string[];
  readonly reason?: string;
  readonly retention?: { readonly workflow: string; readonly keepMs: number };
}

/** What the ledger says of the erasure of a subject; undefined where there is none on record. */
export async function erased(tx: Tx, subject: string, wrap: KeyWrap): Promise<Erased | undefined> {
  const found = await erasureOf(tx, subject);
  if (found === undefined) return undefined;
  const [deed] = (await readSubject(tx, found.deed, wrap)).entries;
  const { signed = [deed?.entry.person ?? ""], reason, retention } = (deed?.payload ?? {}) as ErasedPayload;
  return {
    by: signed,
    at: deed?.entry.at ?? found.at,
    because:
      retention === undefined
        ? (reason ?? "its deed does not say")
        : `${retention.workflow} keeps what its actions said for ${days(retention.keepMs)}`,
    receipt: `/v1/receipts/${found.deed}`,
  };
}

function days(ms: number): string {
  const hours = ms / 3_600_000;
  if (hours >= 24) return `${Math.round(hours / 24)} d`;
  return hours >= 1 ? `${Math.round(hours)} h` : `${Math.round(ms / 1000)} s`;
}
