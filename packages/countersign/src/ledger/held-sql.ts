import type { Tx } from "../db/db.ts";

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
