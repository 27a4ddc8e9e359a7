import type { Tx } from "../db/db.ts";

export interface KeptTimestamp {
  readonly size: number;
  readonly authority: string;
  readonly at: string;
  readonly answer: Buffer;
  readonly note: string;
}

export async function insertTimestamp(tx: Tx, row: Omit<KeptTimestamp, "note">): Promise<void> {
  const { size, authority, at, answer } = row;
  await tx.query(
    "insert into checkpoint_timestamp (size, authority, at, answer) values ($1, $2, $3, $4) on conflict do nothing",
    [size, authority, at, answer],
  );
}

/** The newest of each authority up to this size, with the checkpoint that it is about. */
export async function latestTimestamps(tx: Tx, upTo = Number.MAX_SAFE_INTEGER): Promise<readonly KeptTimestamp[]> {
  const text = `select distinct on (t.authority) t.size, t.authority, t.at, t.answer, c.note
    from checkpoint_timestamp t join checkpoint c on c.size = t.size
    where t.size <= $1 order by t.authority, t.size desc`;
  return (await tx.query<KeptTimestamp>(text, [upTo])).rows;
}
