import type { Tx } from "../db/db.ts";

/** How long the queue's past is kept. */
const keptDays = 8;

/** Notes that people are asked, once for each action. */
export async function noteAsked(tx: Tx, action: string, workflow: string, from: readonly string[]): Promise<void> {
  const text = `insert into asked_approval (action, workflow, asked_from) values ($1, $2, $3::text[])
    on conflict (action) do update set asked_from = excluded.asked_from`;
  await tx.query(text, [action, workflow, [...from]]);
}

/** Notes that a question ended, however it did. */
export async function endAsked(tx: Tx, action: string): Promise<void> {
  await tx.query("update asked_approval set ended_at = clock_timestamp() where action = $1 and ended_at is null", [
    action,
  ]);
}

export interface AskedRow {
  readonly workflow: string;
  readonly asked_from: readonly string[];
  readonly asked_ms: number;
  readonly ended_ms: number | null;
}

/** Questions that were open at some time within the window; the newest where there are more than `limit`. */
export async function askedWithin(tx: Tx, windowMs: number, limit: number): Promise<readonly AskedRow[]> {
  const text = `select workflow, asked_from, (extract(epoch from asked_at) * 1000)::float8 as asked_ms,
      (extract(epoch from ended_at) * 1000)::float8 as ended_ms
    from asked_approval where ended_at is null or ended_at > clock_timestamp() - $1::double precision * interval '1 millisecond'
    order by asked_at desc limit $2`;
  return (await tx.query<AskedRow>(text, [windowMs, limit])).rows;
}

export async function forgetAsked(tx: Tx): Promise<void> {
  await tx.query(`delete from asked_approval where ended_at < clock_timestamp() - interval '${keptDays} days'`);
}

/** Whether anybody was asked about this target before, by another action; the digest is keyed. */
export async function isTargetKnown(tx: Tx, digest: string, action: string): Promise<boolean> {
  const text = "select 1 from asked_target where digest = $1 and action <> $2";
  return (await tx.query(text, [digest, action])).rows.length > 0;
}

export async function noteTarget(tx: Tx, digest: string, action: string): Promise<void> {
  await tx.query("insert into asked_target (digest, action) values ($1, $2) on conflict do nothing", [digest, action]);
}

/** How many open questions ask this group or person; of the DRI, in one workflow. */
export async function countWaiting(tx: Tx, from: string, workflow: string | undefined): Promise<number> {
  const text = `select count(*) as n from asked_approval
    where ended_at is null and $1 = any(asked_from) and ($2::text is null or workflow = $2)`;
  const [counted] = (await tx.query<{ n: number }>(text, [from, workflow])).rows as readonly [{ readonly n: number }];
  return counted.n;
}
