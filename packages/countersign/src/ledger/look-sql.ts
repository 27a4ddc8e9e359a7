import type { Tx } from "../db/db.ts";
import type { EntryRow } from "./sql.ts";

/** Notes of who read a receipt, from a moment on. */
export async function readEntriesSince(
  tx: Tx,
  at: string,
  limit: number,
): Promise<readonly { subject: string; person: string | null; at: string }[]> {
  const text = "select subject, person, at from entry where kind = 'read' and at >= $1 order by at limit $2";
  return (await tx.query<{ subject: string; person: string | null; at: string }>(text, [at, limit])).rows;
}

/** First entries of the newest actions with their keys, for a look into what is sealed. */
export async function newestFirstEntries(
  tx: Tx,
  before: string,
  limit: number,
): Promise<readonly (EntryRow & { readonly wrapped: Buffer })[]> {
  const text = `select e.*, k.wrapped from entry e join subject_key k on k.subject = e.subject
    where e.step = 0 and e.subject < $1 and e.subject >= 'act_' order by e.subject desc limit $2`;
  return (await tx.query<EntryRow & { wrapped: Buffer }>(text, [before, limit])).rows;
}

/**
 * Where every writer stands that may still write, or that could until `sinceUs` at least; -1 where it has written nothing.
 * `atUs` is the database's time before it looked, in microseconds since the epoch.
 */
export async function writerHeads(
  tx: Tx,
  sinceUs: number | undefined,
): Promise<{
  readonly atUs: number;
  readonly writers: readonly { writer: string; seq: number; endedUs: number | null }[];
}> {
  const us = (time: string): string => `(extract(epoch from ${time}) * 1000000)::bigint`;
  const text = `with look as materialized (select ${us("statement_timestamp()")} as at)
    select look.at, w.id as writer, ${us("w.fenced_at")} as ended,
      coalesce((select max(e.seq) from entry e where e.writer = w.id), -1)::bigint as seq
    from look left join writer w on w.fenced_at is null or ${us("w.fenced_at")} > $1::bigint order by w.id`;
  const { rows } = await tx.query<{ at: number; writer: string | null; ended: number | null; seq: number }>({
    name: "writer-heads",
    text,
    values: [sinceUs ?? null],
  });
  return {
    atUs: rows[0]?.at ?? 0,
    writers: rows.flatMap(({ writer, seq, ended }) => (writer === null ? [] : [{ writer, seq, endedUs: ended }])),
  };
}

/** A key of the plane's own, the same for all replicas: the first that came stays. */
export async function keepOwnKey(tx: Tx, name: string, wrapped: Buffer): Promise<Buffer> {
  await tx.query("insert into subject_key (subject, wrapped) values ($1, $2) on conflict do nothing", [name, wrapped]);
  const text = "select wrapped from subject_key where subject = $1";
  const { rows } = await tx.query<{ wrapped: Buffer }>(text, [name]);
  return rows[0]?.wrapped ?? wrapped;
}

/** How many entries are not in the signed tree yet. */
export async function entriesOutsideTree(tx: Tx): Promise<number> {
  const text = `select coalesce(sum(last.seq + 1), 0)::bigint - (select coalesce(max(size), 0) from checkpoint)::bigint as lag
    from writer w cross join lateral (select max(e.seq) as seq from entry e where e.writer = w.id) last`;
  return Math.max(0, Number((await tx.query<{ lag: number }>(text)).rows[0]?.lag ?? 0));
}

/** Whether any action was by this agent, in this workflow or run, or has this id. */
export async function isNamed(tx: Tx, column: "action" | "run" | "workflow" | "agent", name: string): Promise<boolean> {
  const text = `select 1 from entry where step = 0 and ${column === "action" ? "subject" : column} = $1 limit 1`;
  return (await tx.query(text, [name])).rows.length > 0;
}
