import type { Tx } from "../db/db.ts";

export interface SinceFilter {
  /** RFC 3339; actions that were asked for from then on. */
  readonly since: string;
  readonly workflow?: string;
  /** Subjects before this one. */
  readonly before: string;
}

const where = `step = 0 and subject >= 'act_' and subject < $1 and at >= $2 and ($3::text is null or workflow = $3)`;

/** One entry that can hold a decision, with its subject's wrapped key, which is null where it was erased. */
export interface DecidingRow {
  readonly subject: string;
  readonly wrapped: Buffer | null;
  /** Null where an action has no such entry. */
  readonly step: number | null;
  readonly sealed: Buffer | null;
  readonly [column: string]: unknown;
}

/**
 * The deciding entries of the newest so many actions that were asked for since a moment, newest first and in the order
 * of their steps; results are large and decide nothing.
 */
export async function decidingSince(tx: Tx, filter: SinceFilter, limit: number): Promise<readonly DecidingRow[]> {
  const text = `with page as (select subject from entry where ${where} order by subject desc limit $4)
    select p.subject, k.wrapped, e.step, e.sealed from page p
      left join subject_key k on k.subject = p.subject
      left join entry e on e.subject = p.subject and e.kind not in ('outcome', 'settled', 'reversed')
    order by p.subject desc, e.step`;
  const values = [filter.before, filter.since, filter.workflow ?? null, limit];
  return (await tx.query<DecidingRow>({ name: "deciding-since", text, values })).rows;
}

export async function countSince(tx: Tx, filter: SinceFilter): Promise<number> {
  const text = `select count(*)::int as count from entry where ${where}`;
  const values = [filter.before, filter.since, filter.workflow ?? null];
  return (await tx.query<{ count: number }>(text, values)).rows[0]?.count ?? 0;
}
