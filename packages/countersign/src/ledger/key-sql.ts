import type { Tx } from "../db/db.ts";

/** Whether anything was ever sealed here. */
export async function hasKeys(tx: Tx): Promise<boolean> {
  return (await tx.query("select 1 from subject_key limit 1")).rows.length > 0;
}

/** What is sealed under these keys can never be opened again. */
export async function eraseKeys(tx: Tx, subjects: readonly string[]): Promise<number> {
  return (await tx.query("delete from subject_key where subject = any($1::text[])", [subjects])).rowCount;
}

export async function noteSealingKey(tx: Tx, writer: string, keyId: string): Promise<void> {
  await tx.query("update writer set sealing_key = $2 where id = $1", [writer, keyId]);
}

/** Writers that live, and whose process does not say that it seals with this key. */
export async function writersOfOtherKeys(tx: Tx, keyId: string): Promise<readonly string[]> {
  const text = `select w.id from writer w join writer_lease l on l.writer = w.id
    where w.fenced_at is null and l.expires_at > clock_timestamp() and w.sealing_key is distinct from $1`;
  return (await tx.query<{ id: string }>(text, [keyId])).rows.map((row) => row.id);
}

// A wrapping carries the id of the key that made it in its bytes 2 to 5.
const byOther = "substring(wrapped from 2 for 4) <> decode($1, 'hex')";

export async function countWrappedByOther(tx: Tx, keyId: string): Promise<number> {
  const text = `select count(*) as count from subject_key where ${byOther}`;
  return Number((await tx.query<{ count: number }>(text, [keyId])).rows[0]?.count ?? 0);
}

export async function keysWrappedByOther(
  tx: Tx,
  keyId: string,
  after: string,
  limit: number,
): Promise<readonly { readonly subject: string; readonly wrapped: Buffer }[]> {
  const text = `select subject, wrapped from subject_key where ${byOther} and subject > $2 order by subject limit $3`;
  return (await tx.query<{ subject: string; wrapped: Buffer }>(text, [keyId, after, limit])).rows;
}

/** Changes each wrapping only where it is still the one that was read. How many. */
export async function replaceWrappings(
  tx: Tx,
  rows: readonly { readonly subject: string; readonly before: Buffer; readonly after: Buffer }[],
): Promise<number> {
  const text = `update subject_key k set wrapped = decode(r.after, 'hex')
    from unnest($1::text[], $2::text[], $3::text[]) as r (subject, before, after)
    where k.subject = r.subject and k.wrapped = decode(r.before, 'hex')`;
  const hex = (bytes: Buffer): string => bytes.toString("hex");
  const values = [
    rows.map((row) => row.subject),
    rows.map((row) => hex(row.before)),
    rows.map((row) => hex(row.after)),
  ];
  return (await tx.query(text, values)).rowCount;
}
