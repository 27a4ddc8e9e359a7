import type { Tx } from "../db/db.ts";
import { firstIdAt } from "../floor/id.ts";

/** Ids come from the clock of the machine that was asked, moments from the database: so far apart these may be. */
export const clocksApartMs = 600_000;

export interface SinceFilter {
  /** RFC 3339; actions that were asked for from then on. */
  readonly since: string;
  readonly workflow?: string;
  /** Subjects before this one. */
  readonly before: string;
}

// The first id only spares walking what is older: the moment decides.
const where = `step = 0 and subject < $1 and subject >= $2 and at >= $3 and ($4::text is null or workflow = $4)`;

function bounds({ before, since, workflow }: SinceFilter): readonly (string | null)[] {
  return [before, firstIdAt("act", Date.parse(since) - clocksApartMs), since, workflow ?? null];
}

/** One entry that can hold a decision, with its subject's wrapped key, which is null where it was erased. */
export interface DecidingRow {
  readonly subject: string;
  /** When the action was asked for. */
  readonly at_ms: number;
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
  const text = `with page as (select subject, at from entry where ${where} order by subject desc limit $5)
    select p.subject, (extract(epoch from p.at) * 1000)::float8 as at_ms, k.wrapped, e.step, e.sealed from page p
      left join subject_key k on k.subject = p.subject
      left join entry e on e.subject = p.subject and e.kind not in ('outcome', 'settled', 'reversed')
    order by p.subject desc, e.step`;
  const values = [...bounds(filter), limit];
  return (await tx.query<DecidingRow>({ name: "deciding-since", text, values })).rows;
}

export async function countSince(tx: Tx, filter: SinceFilter): Promise<number> {
  const text = `select count(*)::int as count from entry where ${where}`;
  return (await tx.query<{ count: number }>(text, [...bounds(filter)])).rows[0]?.count ?? 0;
}
