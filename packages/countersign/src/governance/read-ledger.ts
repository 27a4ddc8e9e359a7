import { latestCheckpoint } from "../ledger/index.ts";
import { latestTimestamps } from "../ledger/timestamp-sql.ts";
import type { Control } from "./control.ts";
import type { OpenLog } from "./open-log.ts";

/** How far the log is, and who else has seen it. */
export interface LedgerState {
  readonly origin: string;
  readonly sealed: { readonly size: number; readonly at: string } | null;
  readonly behind: number;
  readonly alarm: string | null;
  readonly anchors: readonly { readonly name: string; readonly size: number | null; readonly fault: string | null }[];
  readonly timestamps: readonly { readonly authority: string; readonly size: number; readonly at: string }[];
}

export async function readLedger({ parts }: Control, logBook: OpenLog): Promise<LedgerState> {
  const [sealed, behind, timestamps] = await Promise.all([
    latestCheckpoint(parts.db),
    logBook.lag(),
    latestTimestamps(parts.db),
  ]);
  const { alarm, anchors } = logBook.status();
  return {
    origin: logBook.origin,
    sealed: sealed === null ? null : { size: sealed.size, at: sealed.at },
    behind,
    alarm,
    anchors: anchors.map(({ name, size, fault }) => ({ name, size: size < 0 ? null : size, fault })),
    timestamps: timestamps.map(({ authority, size, at }) => ({ authority, size, at })),
  };
}
