import type { Tx } from "../db/db.ts";
import { firstIdAt } from "../floor/id.ts";
import { clocksApartMs } from "./replay-sql.ts";

/** Which actions: those that were asked for in a window, those before one of them. */
export interface RecordedFilter {
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly workflow?: string;
  readonly before?: string;
}

/** One entry of an action with what stands right before it in its writer's chain. Moments are microseconds of the database's. */
export interface RecordedRow {
  readonly subject: string;
  /** Null where the subject's key is gone. */
  readonly wrapped: Buffer | null;
  /** Whether an erasure of it is on record. */
  readonly erased: boolean;
  readonly writer: string;
  readonly seq: number;
  readonly step: number;
  readonly kind: string;
  readonly to_state: string | null;
  readonly workflow: string | null;
  readonly person: string | null;
  readonly at_us: number;
  readonly recorded_us: number;
  /** Null where the entry before it in the chain is not there. */
  readonly chain_us: number | null;
  readonly sealed: Buffer;
  readonly [column: string]: unknown;
}

const us = (time: string): string => `(extract(epoch from ${time}) * 1000000)::bigint`;

/** Every entry of the newest so many actions of a window, newest first and in the order of their steps. */
export async function recordedPage(tx: Tx, filter: RecordedFilter, limit: number): Promise<readonly RecordedRow[]> {
  const { sinceMs, untilMs, workflow, before } = filter;
  // The ids, which sort by time, lead there; the moment decides.
  const end = firstIdAt("act", untilMs + clocksApartMs);
  const text = `with page as (
      select subject from entry where step = 0 and subject < $1 and subject >= $2 and at >= $3 and at < $4
        ${workflow === undefined ? "" : "and workflow = $6"} order by subject desc limit $5)
    select p.subject, k.wrapped, x.subject is not null as erased,
      e.writer, e.seq, e.step, e.kind, e.to_state, e.workflow, e.person,
      ${us("e.at")} as at_us, ${us("e.recorded_at")} as recorded_us,
      (select ${us("c.at")} from entry c where c.writer = e.writer and c.seq = e.seq - 1) as chain_us, e.sealed
    from page p join entry e on e.subject = p.subject left join subject_key k on k.subject = p.subject
      left join erasure x on x.subject = p.subject
    order by p.subject desc, e.step`;
  const values = [
    before !== undefined && before < end ? before : end,
    firstIdAt("act", sinceMs - clocksApartMs),
    new Date(sinceMs).toISOString(),
    new Date(untilMs).toISOString(),
    limit,
    ...(workflow === undefined ? [] : [workflow]),
  ];
  const name = workflow === undefined ? "recorded-page" : "recorded-page-of";
  return (await tx.query<RecordedRow>({ name, text, values })).rows;
}

/** Who gave these grants and when, as the ledger has it. */
export async function grantsOnRecord(
  tx: Tx,
  ids: readonly string[],
): Promise<readonly { readonly subject: string; readonly person: string | null; readonly at: string }[]> {
  if (ids.length === 0) return [];
  const text =
    "select subject, person, at from entry where subject = any($1::text[]) and step = 0 and kind = 'granted'";
  return (await tx.query<{ subject: string; person: string | null; at: string }>(text, [ids])).rows;
}
