import type { Tx } from "../db/db.ts";
import type { EntryRow } from "./sql.ts";

export interface SinceFilter {
  /** RFC 3339; actions that were asked for from then on. */
  readonly since: string;
  readonly workflow?: string;
  /** Subjects before this one. */
  readonly before: string;
}

const where = `step = 0 and subject >= 'act_' and subject < $1 and at >= $2 and ($3::text is null or workflow = $3)`;

/** Actions that were asked for since a moment, newest first. */
export async function subjectsSince(tx: Tx, filter: SinceFilter, limit: number): Promise<readonly string[]> {
  const text = `select subject from entry where ${where} order by subject desc limit $4`;
  const values = [filter.before, filter.since, filter.workflow ?? null, limit];
  return (await tx.query<{ subject: string }>(text, values)).rows.map((row) => row.subject);
}

export async function countSince(tx: Tx, filter: SinceFilter): Promise<number> {
  const text = `select count(*)::int as count from entry where ${where}`;
  const values = [filter.before, filter.since, filter.workflow ?? null];
  return (await tx.query<{ count: number }>(text, values)).rows[0]?.count ?? 0;
}

/** The entries of these subjects that can hold a decision, in the order of their steps; results are large and are none. */
export async function decidingEntries(tx: Tx, subjects: readonly string[]): Promise<readonly EntryRow[]> {
  const text = `select * from entry where subject = any($1::text[]) and kind not in ('outcome', 'settled', 'reversed')
    order by subject desc, step`;
  return (await tx.query<EntryRow>(text, [subjects])).rows;
}

/** Their wrapped keys, without those that were erased. */
export async function wrappedKeys(tx: Tx, subjects: readonly string[]): Promise<ReadonlyMap<string, Buffer>> {
  const text = "select subject, wrapped from subject_key where subject = any($1::text[])";
  const { rows } = await tx.query<{ subject: string; wrapped: Buffer | null }>(text, [subjects]);
  return new Map(rows.flatMap(({ subject, wrapped }) => (wrapped === null ? [] : [[subject, wrapped] as const])));
}
