import type { Tx } from "../db/db.ts";
import { firstIdAt } from "../floor/id.ts";
import { clocksApartMs } from "./replay-sql.ts";

/** How long an action waited that was held at all. */
export interface WaitRow {
  readonly subject: string;
  readonly held_ms: number;
  /** Null where it is still held. */
  readonly ended_ms: number | null;
  /** The last answer, where it was people's answers that ended it; an edit is none here. */
  readonly answered_ms: number | null;
}

export async function waitsOf(tx: Tx, subjects: readonly string[]): Promise<readonly WaitRow[]> {
  const text = `select subject, (extract(epoch from min(at) filter (where to_state = 'held')) * 1000)::float8 as held_ms,
      case when (array_agg(to_state order by step desc) filter (where to_state is not null))[1] <> 'held' then
        (extract(epoch from max(at) filter (where from_state = 'held' and to_state <> 'held')) * 1000)::float8
      end as ended_ms,
      case when not bool_or(from_state = 'held' and to_state = 'refused' and kind <> 'denied') then
        (extract(epoch from max(at) filter (where kind in ('approved', 'glass', 'denied'))) * 1000)::float8
      end as answered_ms
    from entry where subject = any($1::text[]) group by subject having bool_or(to_state = 'held')`;
  return (await tx.query<WaitRow>(text, [[...subjects]])).rows;
}

export interface HeldRow {
  readonly subject: string;
  readonly workflow: string;
}

/** Actions that were asked for since a moment and were held at some time; the newest where there are more than `limit`. */
export async function heldSince(
  tx: Tx,
  sinceMs: number,
  workflow: string | undefined,
  limit: number,
): Promise<readonly HeldRow[]> {
  const text = `select e.subject, min(f.workflow) as workflow from entry e join entry f on f.subject = e.subject and f.step = 0
    where e.to_state = 'held' and e.subject >= $1 and f.workflow is not null and ($2::text is null or f.workflow = $2)
    group by e.subject order by e.subject desc limit $3`;
  const since = firstIdAt("act", sinceMs - clocksApartMs);
  return (await tx.query<HeldRow>(text, [since, workflow ?? null, limit])).rows;
}

export interface WaitedFilter {
  /** Ids that these actions lie between. */
  readonly from: string;
  readonly to: string;
  /** RFC 3339; what ran from then on. */
  readonly since: string;
  readonly workflow?: string;
}

/** Actions that waited and then ran, by the index of rare states; the newest where there are more. */
export async function ranAfterWaiting(
  tx: Tx,
  { from, to, since, workflow }: WaitedFilter,
  limit: number,
): Promise<readonly string[]> {
  const text = `select distinct subject from entry h
    where to_state = 'held' and subject >= $1 and subject < $2 and ($4::text is null or workflow = $4)
      and exists (select from entry r where r.subject = h.subject and r.to_state = 'running' and r.at >= $3)
    order by subject desc limit $5`;
  const values = [from, to, since, workflow ?? null, limit];
  return (await tx.query<{ subject: string }>(text, values)).rows.map(({ subject }) => subject);
}
