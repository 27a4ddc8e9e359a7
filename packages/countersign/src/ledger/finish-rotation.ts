import type { Db } from "../db/db.ts";
import { buildBundle } from "./bundle.ts";
import { keepKeyReceipt, logKeys } from "./log-sql.ts";
import type { Subject } from "./read.ts";
import { type LogKeys, swapKeys } from "./signing-key.ts";

export interface Finish {
  readonly folder: string;
  readonly keys: LogKeys;
  readonly readSubject: (subject: string) => Promise<Subject>;
}

/**
 * After the checkpoint that turned the key: the old key signs its last, the receipt by which its holders learn the new
 * one, and is then gone. Safe to repeat after a crash at any point.
 */
export async function finishRotation(db: Db, { folder, keys, readSubject }: Finish): Promise<void> {
  const { current, previous } = keys;
  if (previous === undefined) return;
  const row = (await logKeys(db)).find((key) => key.vkey === current.vkey);
  if (row?.introduced_by != null && row.receipt === null) {
    const subject = await readSubject(row.introduced_by);
    const { text } = await db.transaction((tx) =>
      buildBundle(tx, { signer: previous, subject, size: row.from_size ?? 0 }),
    );
    await keepKeyReceipt(db, current.vkey, text);
  }
  swapKeys(folder);
}
