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
  /** Whether the deed that erased it is on record: a row that says so is not enough. */
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

/** Which ids are looked at: from the first of these on, and before the other. */
export interface RecordedRange {
  readonly from: string;
  readonly before: string;
  /** There are older ones of the window before it. */
  readonly isCut: boolean;
}

/** Who looks for what has no first entry walks all entries of a range: of a workflow that has few, no more at once than these. */
const mostWalked = 10_000;

/** The range of ids in which the window's newest actions are; the ids, which sort by time, lead there, and the moment decides. */
export async function recordedRange(tx: Tx, filter: RecordedFilter, walked = mostWalked): Promise<RecordedRange> {
  const { sinceMs, untilMs, workflow, before } = filter;
  const end = firstIdAt("act", untilMs + clocksApartMs);
  const range = {
    from: firstIdAt("act", sinceMs - clocksApartMs),
    before: before !== undefined && before < end ? before : end,
  };
  if (workflow === undefined) return { ...range, isCut: false };
  const text = `select subject from entry where subject < $1 and subject >= $2
    order by subject desc, step desc offset $3 limit 1`;
  const values = [range.before, range.from, walked];
  const [cut] = (await tx.query<{ subject: string }>({ name: "recorded-range", text, values })).rows;
  return cut === undefined ? { ...range, isCut: false } : { ...range, from: cut.subject, isCut: true };
}

/** Every entry of the newest so many actions of a range and a window, newest first and in the order of their steps. */
export async function recordedPage(
  tx: Tx,
  { sinceMs, untilMs, workflow }: RecordedFilter,
  { from, before }: RecordedRange,
  limit: number,
): Promise<readonly RecordedRow[]> {
  const asked = `subject < $1 and at >= $3 and at < $4 ${workflow === undefined ? "" : "and workflow = $6"}`;
  // Those whose first entry is gone are looked for beside the others, as far back as these reach.
  const text = `with whole as (
      select subject from entry where step = 0 and subject >= $2 and ${asked} order by subject desc limit $5),
    reach as (select case when count(*) < $5 then $2 else min(subject) end as low from whole),
    headless as (
      select subject from entry e where step > 0 and subject >= (select low from reach) and ${asked}
        and not exists (select from entry f where f.subject = e.subject and f.step < e.step) order by subject desc limit $5),
    page as (select subject from (table whole union all table headless) found order by subject desc limit $5)
    select p.subject, k.wrapped, d.subject is not null as erased,
      e.writer, e.seq, e.step, e.kind, e.to_state, e.workflow, e.person,
      ${us("e.at")} as at_us, ${us("e.recorded_at")} as recorded_us,
      (select ${us("c.at")} from entry c where c.writer = e.writer and c.seq = e.seq - 1) as chain_us, e.sealed
    from page p join entry e on e.subject = p.subject left join subject_key k on k.subject = p.subject
      left join erasure x on x.subject = p.subject
      left join entry d on d.subject = x.deed and d.step = 0 and d.kind = 'erased'
    order by p.subject desc, e.step`;
  const values = [
    before,
    from,
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
