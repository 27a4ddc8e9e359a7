import type { Tx } from "../db/db.ts";

export interface CanaryRow {
  readonly id: string;
  readonly person: string;
  readonly origin: string;
  readonly shape: string;
  readonly agent: string;
  readonly workflow: string;
  readonly server: string;
  readonly tool: string;
  readonly target: string;
  readonly environment: string;
  readonly risk_rank: number;
  readonly opened_at: string;
  readonly expires_at: string;
  readonly wrapped: Buffer;
  readonly sealed: Buffer;
  readonly verdict: "approve" | "deny" | null;
  readonly reason: string | null;
  readonly dwell_ms: number | null;
  readonly size: number;
  readonly answered_at: string | null;
  readonly frozen_at: string | null;
}

export type CanaryValues = Pick<
  CanaryRow,
  | "id"
  | "person"
  | "origin"
  | "shape"
  | "agent"
  | "workflow"
  | "server"
  | "tool"
  | "target"
  | "environment"
  | "risk_rank"
  | "wrapped"
  | "sealed"
  | "size"
> & { readonly inMs: number; readonly openMs: number };

/** Puts a seeded request before a person, some time from now. */
export async function insertCanary(tx: Tx, one: CanaryValues): Promise<void> {
  await tx.query(
    `insert into canary (id, person, origin, shape, agent, workflow, server, tool, target, environment, risk_rank, wrapped, sealed, size,
       opened_at, expires_at)
     select $1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14, at, at + $16::double precision * interval '1 millisecond'
     from (select clock_timestamp() + $15::double precision * interval '1 millisecond' as at) t`,
    [
      one.id,
      one.person,
      one.origin,
      one.shape,
      one.agent,
      one.workflow,
      one.server,
      one.tool,
      one.target,
      one.environment,
      one.risk_rank,
      one.wrapped,
      one.sealed,
      one.size,
      one.inMs,
      one.openMs,
    ],
  );
}

// What a stop freezes does not lapse meanwhile.
const isInTime = "(expires_at > clock_timestamp() or frozen_at is not null)";
const waits = `answered_at is null and opened_at <= clock_timestamp() and ${isInTime}`;

/** The seeded requests that wait for this person. */
export async function openCanaries(tx: Tx, person: string): Promise<readonly CanaryRow[]> {
  const text = `select * from canary where person = $1 and ${waits} order by opened_at limit 100`;
  return (await tx.query<CanaryRow>(text, [person])).rows;
}

/** Those that wait for whomever. */
export async function allOpenCanaries(tx: Tx): Promise<readonly CanaryRow[]> {
  return (await tx.query<CanaryRow>(`select * from canary where ${waits} order by opened_at, id`)).rows;
}

export async function openCanary(tx: Tx, person: string, id: string): Promise<CanaryRow | undefined> {
  const text = `select * from canary where id = $1 and person = $2 and ${waits}`;
  return (await tx.query<CanaryRow>(text, [id, person])).rows[0];
}

/** How many wait for a person, those that are still to come included. */
export async function countCanaries(tx: Tx, person: string): Promise<number> {
  const text = `select count(*) as n from canary where person = $1 and answered_at is null and ${isInTime}`;
  const [counted] = (await tx.query<{ n: number }>(text, [person])).rows as readonly [{ readonly n: number }];
  return counted.n;
}

/** Whether it was there to be answered: once. */
export async function answerCanary(
  tx: Tx,
  one: Pick<CanaryRow, "id" | "person" | "verdict" | "reason" | "dwell_ms">,
): Promise<boolean> {
  const text = `update canary set verdict = $3, reason = $4, dwell_ms = $5, answered_at = clock_timestamp()
    where id = $1 and person = $2 and ${waits}`;
  return (await tx.query(text, [one.id, one.person, one.verdict, one.reason, one.dwell_ms])).rowCount === 1;
}

/** Those that a person answered, newest first: before a moment, or one of them. */
export async function answeredCanaries(
  tx: Tx,
  person: string,
  { before, action }: { readonly before?: { readonly at: string; readonly action: string }; readonly action?: string },
  limit: number,
): Promise<readonly CanaryRow[]> {
  const text = `select * from canary where person = $1 and answered_at is not null and ($3::text is null or id = $3)
      ${before === undefined ? "" : "and (answered_at, id) < ($4::timestamptz, $5)"}
    order by answered_at desc, id desc limit $2`;
  const after = before === undefined ? [] : [before.at, before.action];
  return (await tx.query<CanaryRow>(text, [person, limit, action ?? null, ...after])).rows;
}

/** Those that ended, newest first: answered, or not in time. */
export async function endedCanaries(tx: Tx, person: string, limit: number): Promise<readonly CanaryRow[]> {
  const text = `select * from canary where person = $1 and (answered_at is not null or not ${isInTime})
    order by coalesce(answered_at, expires_at) desc limit $2`;
  return (await tx.query<CanaryRow>(text, [person, limit])).rows;
}

/** Those that wait or are still to come, for whomever; or of them only what is frozen. */
export async function unansweredCanaries(tx: Tx, frozenOnly: boolean): Promise<readonly CanaryRow[]> {
  const text = `select * from canary where answered_at is null and ${frozenOnly ? "frozen_at is not null" : isInTime} order by id`;
  return (await tx.query<CanaryRow>(text)).rows;
}

export async function freezeSeeded(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const text = `update canary set frozen_at = clock_timestamp()
    where id = any($1::text[]) and frozen_at is null and answered_at is null and expires_at > clock_timestamp()`;
  await tx.query(text, [ids]);
}

/** Gives back the time of the stop. What was to come under it comes when it is over, since nothing new was held meanwhile. */
export async function thawSeeded(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const text = `update canary set frozen_at = null,
      opened_at = case when opened_at > frozen_at then greatest(opened_at, clock_timestamp()) else opened_at end,
      expires_at = expires_at + greatest(interval '0', clock_timestamp() - greatest(frozen_at, opened_at))
    where id = any($1::text[]) and frozen_at is not null`;
  await tx.query(text, [ids]);
}

/** What was made from these actions goes with them. */
export async function dropCanaries(tx: Tx, origins: readonly string[]): Promise<void> {
  await tx.query("delete from canary where origin = any($1::text[])", [origins]);
}

// A wrapping carries the id of the key that made it in its bytes 2 to 5.
const byOther = "substring(wrapped from 2 for 4) <> decode($1, 'hex')";

/** Seeded requests whose key an older sealing key wraps. */
export async function canariesOfOther(
  tx: Tx,
  keyId: string,
  limit: number,
): Promise<readonly Pick<CanaryRow, "id" | "wrapped">[]> {
  const text = `select id, wrapped from canary where ${byOther} order by id limit $2`;
  return (await tx.query<Pick<CanaryRow, "id" | "wrapped">>(text, [keyId, limit])).rows;
}

export async function countCanariesOfOther(tx: Tx, keyId: string): Promise<number> {
  const text = `select count(*) as n from canary where ${byOther}`;
  const [counted] = (await tx.query<{ n: number }>(text, [keyId])).rows as readonly [{ readonly n: number }];
  return counted.n;
}

export async function replaceCanaryKey(tx: Tx, id: string, wrapped: Buffer): Promise<void> {
  await tx.query("update canary set wrapped = $2 where id = $1", [id, wrapped]);
}

/** One that nobody can open or answer any more is no use to anybody. */
export async function dropCanary(tx: Tx, id: string): Promise<void> {
  await tx.query("delete from canary where id = $1", [id]);
}
