import type { Tx } from "../db/db.ts";
import { Problem } from "../floor/problem.ts";

export interface ReversalRow {
  readonly id: string;
  readonly run: string;
  readonly runs: readonly string[];
  readonly children: boolean;
  readonly asked_by: string;
  readonly vouched_by: readonly string[];
  readonly credential: string;
  readonly deed: string;
  readonly asked_at: string;
  readonly up_to: string;
  readonly seen_to: string;
  readonly state: "going" | "stopped" | "ended" | "given-up";
  readonly because: string | null;
  readonly told: string | null;
  readonly about: string | null;
  readonly ended_at: string | null;
  readonly given_up_by: string | null;
  readonly fence: number;
}

export interface StepRow {
  readonly deed: string;
  readonly run: string;
  readonly state: "waiting" | "done" | "left" | "nothing";
  readonly undo: string | null;
  readonly why: string | null;
}

export interface NewStep {
  readonly deed: string;
  readonly run: string;
  readonly sent: string | null;
  readonly state: "waiting" | "left";
  readonly why: string | null;
}

type Asking = Pick<ReversalRow, "asked_by" | "vouched_by" | "credential" | "deed">;

/** Of a step `s`: what was sent last comes first, after what is not sent yet. */
export const order = "s.sent_at desc nulls first, s.deed desc";

/** The reversal that one of these runs is in; undefined where none. */
export async function openReversal(tx: Tx, runs: readonly string[]): Promise<ReversalRow | undefined> {
  const text = `select * from run_reversal r where r.id in (select reversal from run_reversing where run = any($1::text[]))
    order by r.asked_at limit 1`;
  return (await tx.query<ReversalRow>(text, [runs])).rows[0];
}

/** The newest reversal that is about this run, under way or over. */
export async function newestReversal(tx: Tx, run: string): Promise<ReversalRow | undefined> {
  const text = "select * from run_reversal where runs @> array[$1::text] order by asked_at desc, id desc limit 1";
  return (await tx.query<ReversalRow>(text, [run])).rows[0];
}

export async function reversalRow(tx: Tx, id: string): Promise<ReversalRow | undefined> {
  return (await tx.query<ReversalRow>("select * from run_reversal where id = $1", [id])).rows[0];
}

/** INVARIANT: each run is in one reversal at a time: whoever comes second finds the first. */
export async function insertReversal(
  tx: Tx,
  row: Pick<ReversalRow, "id" | "run" | "runs" | "children" | "up_to" | "seen_to"> & Asking,
): Promise<void> {
  await tx.query(
    `insert into run_reversal (id, run, runs, asked_by, vouched_by, credential, deed, up_to, seen_to, children)
     values ($1,$2,$3,$4,$5,$6,$7,$8,least($8, $9),$10)`,
    [
      row.id,
      row.run,
      row.runs,
      row.asked_by,
      JSON.stringify(row.vouched_by),
      row.credential,
      row.deed,
      row.up_to,
      row.seen_to,
      row.children,
    ],
  );
  await enter(tx, row.id, row.runs);
}

async function enter(tx: Tx, id: string, runs: readonly string[]): Promise<void> {
  const text = `insert into run_reversing (run, reversal) select r, $1 from unnest($2::text[]) r order by r
    on conflict (run) do nothing`;
  await tx.query(text, [id, runs]);
  const others = await tx.query<{ run: string; reversal: string }>(
    "select run, reversal from run_reversing where run = any($1::text[]) and reversal <> $2 limit 1",
    [runs, id],
  );
  const [other] = others.rows;
  if (other === undefined) return;
  throw new Problem("conflict", `run \`${other.run}\` is being reversed already`, {
    help: "look how far that is, and ask again when it has ended",
    cause: other.reversal,
  });
}

/** A stopped one goes on, for whoever asked now, with what came since. Fails where another was faster. */
export async function goOnAgain(
  tx: Tx,
  row: Pick<ReversalRow, "id" | "runs" | "children" | "up_to" | "seen_to" | "fence"> & Asking,
): Promise<void> {
  const { rowCount } = await tx.query(
    `update run_reversal r set state = 'going', because = null, told = null, about = null, look_at = clock_timestamp(),
       fence = fence + 1, giving_up = false, claimed_by = null, lease_until = null, runs = $3, up_to = greatest(up_to, $4), seen_to = least($4, $5),
       asked_by = $6, vouched_by = $7, credential = $8, deed = $9, children = $10
     where id = $1 and fence = $2 and state = 'stopped' and (not giving_up or ${isFree})`,
    [
      row.id,
      row.fence,
      row.runs,
      row.up_to,
      row.seen_to,
      row.asked_by,
      JSON.stringify(row.vouched_by),
      row.credential,
      row.deed,
      row.children,
    ],
  );
  if (rowCount === 0) throw new Problem("conflict", "somebody else was faster", { help: "look how far it is" });
  await enter(tx, row.id, row.runs);
}

/** Steps as they were found now: what is done stays, and what is asked for again gets an undo of its own. */
export async function putSteps(tx: Tx, reversal: string, steps: readonly NewStep[]): Promise<void> {
  await tx.query(
    "update run_reversal_step set undo = null, undo_alone = false where reversal = $1 and state = 'waiting'",
    [reversal],
  );
  await tx.query(
    `insert into run_reversal_step (reversal, deed, run, sent_at, state, why)
     select $1, d, r, s, t, w from unnest($2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::text[]) n (d, r, s, t, w)
     on conflict (reversal, deed) do update set state = excluded.state, why = excluded.why, sent_at = excluded.sent_at
       where run_reversal_step.state in ('waiting', 'left')`,
    [
      reversal,
      steps.map(({ deed }) => deed),
      steps.map(({ run }) => run),
      steps.map(({ sent }) => sent),
      steps.map(({ state }) => state),
      steps.map(({ why }) => why),
    ],
  );
}

/** Of a reversal `r`: nobody alive has it. */
const isFree = `(r.lease_until is null or r.lease_until < clock_timestamp()
  or exists (select 1 from writer w where w.id = r.claimed_by and w.fenced_at is not null))`;

export async function dueReversals(tx: Tx, limit: number): Promise<readonly string[]> {
  const text = `select r.id from run_reversal r where r.state = 'going' and r.look_at <= clock_timestamp() and ${isFree}
    order by r.look_at limit $1`;
  return (await tx.query<{ id: string }>(text, [limit])).rows.map(({ id }) => id);
}

/** Takes it for this replica, each time with a higher fence. */
export async function claimReversal(
  tx: Tx,
  id: string,
  writer: string,
  leaseMs: number,
): Promise<ReversalRow | undefined> {
  const text = `update run_reversal r set fence = r.fence + 1, claimed_by = $2, giving_up = false,
      lease_until = clock_timestamp() + $3 * interval '1 millisecond'
    from (select r.id from run_reversal r where r.id = $1 and r.state = 'going' and ${isFree} for update skip locked) was
    where r.id = was.id returning r.*`;
  return (await tx.query<ReversalRow>(text, [id, writer, leaseMs])).rows[0];
}

/** False where another has it by now: then nothing more is done here. */
export async function keepReversal(
  tx: Tx,
  { id, fence }: Pick<ReversalRow, "id" | "fence">,
  leaseMs: number,
  seenTo?: string,
): Promise<boolean> {
  const text = `update run_reversal set lease_until = clock_timestamp() + $3 * interval '1 millisecond',
      seen_to = greatest(seen_to, $4), because = null, told = null, about = null
    where id = $1 and fence = $2 and state = 'going'`;
  return (await tx.query(text, [id, fence, leaseMs, seenTo ?? ""])).rowCount === 1;
}

/** INVARIANT: in the transaction of an undo's first entry, so that none comes to be for whoever has it no more. */
export async function holdsReversal(tx: Tx, { id, fence }: Pick<ReversalRow, "id" | "fence">): Promise<boolean> {
  const text = "select 1 from run_reversal where id = $1 and fence = $2 and state = 'going' for share";
  return (await tx.query(text, [id, fence])).rowCount === 1;
}

export interface Told {
  readonly because: string;
  readonly told: string;
  readonly about: string | null;
}

/** Lets it go: it is looked at again in this time, or where it stopped when somebody asks again. */
export async function leaveReversal(
  tx: Tx,
  { id, fence }: Pick<ReversalRow, "id" | "fence">,
  told: Told | undefined,
  lookInMs: number | null,
): Promise<void> {
  await tx.query(
    `update run_reversal set claimed_by = null, lease_until = null, because = $3, told = $4, about = $5,
       state = case when $6::double precision is null then 'stopped' else 'going' end,
       look_at = clock_timestamp() + coalesce($6::double precision, 0) * interval '1 millisecond'
     where id = $1 and fence = $2 and state = 'going'`,
    [id, fence, told?.because ?? null, told?.told ?? null, told?.about ?? null, lookInMs],
  );
}

/** INVARIANT: under the fence, so that nobody ends what another goes on with. */
export async function endReversal(tx: Tx, { id, fence }: Pick<ReversalRow, "id" | "fence">): Promise<void> {
  const { rowCount } = await tx.query(
    `update run_reversal set state = 'ended', ended_at = clock_timestamp(), claimed_by = null, lease_until = null,
       because = null, told = null, about = null where id = $1 and fence = $2 and state = 'going'`,
    [id, fence],
  );
  if (rowCount === 0) throw new Problem("conflict", "another replica has it");
  await tx.query("delete from run_reversing where reversal = $1", [id]);
}

/** The next that is to be undone, and all that are not sent yet. */
export async function nextSteps(tx: Tx, reversal: string): Promise<readonly (StepRow & { unsent: boolean })[]> {
  const text = `select s.*, s.sent_at is null as unsent from run_reversal_step s
    where s.reversal = $1 and s.state = 'waiting' and (s.sent_at is null or s.deed = (
      select deed from run_reversal_step n where n.reversal = $1 and n.state = 'waiting' and n.sent_at is not null
      order by n.sent_at desc, n.deed desc limit 1))
    order by ${order}`;
  return (await tx.query<StepRow & { unsent: boolean }>(text, [reversal])).rows;
}

/** When an action was sent. */
export async function sentAt(tx: Tx, action: string): Promise<string | undefined> {
  const text = "select at from entry where subject = $1 and to_state = 'running' order by step limit 1";
  return (await tx.query<{ at: string }>(text, [action])).rows[0]?.at;
}

export async function setStep(
  tx: Tx,
  { id, fence }: Pick<ReversalRow, "id" | "fence">,
  deed: string,
  step: {
    readonly state?: StepRow["state"];
    readonly undo?: string;
    readonly sent?: string;
    /** Another undo is asked for the next time. */
    readonly dropsUndo?: true;
    /** The undo was asked for by itself. */
    readonly isAlone?: true;
  },
): Promise<boolean> {
  const text = `update run_reversal_step s set state = coalesce($4, s.state), sent_at = coalesce($6::timestamptz, s.sent_at),
      undo = case when $7 then null else coalesce($5, s.undo) end,
      undo_alone = not $7 and (s.undo_alone or $8)
    from run_reversal r where r.id = s.reversal and s.reversal = $1 and r.fence = $2 and s.deed = $3`;
  const { state = null, undo = null, sent = null, dropsUndo = false, isAlone = false } = step;
  return (await tx.query(text, [id, fence, deed, state, undo, sent, dropsUndo, isAlone])).rowCount === 1;
}

/** Those of these actions that a reversal neither is about nor made. */
export async function notOf(tx: Tx, reversal: string, actions: readonly string[]): Promise<ReadonlySet<string>> {
  const text = `select a from unnest($2::text[]) a
    where not exists (select 1 from run_reversal_step s where s.reversal = $1 and s.deed = a)
      and not exists (select 1 from run_reversal_step s where s.undo = a)`;
  return new Set((await tx.query<{ a: string }>(text, [reversal, actions])).rows.map(({ a }) => a));
}

export async function countSteps(tx: Tx, reversal: string): Promise<Record<StepRow["state"], number>> {
  const text = "select state, count(*)::int as n from run_reversal_step where reversal = $1 group by state";
  const { rows } = await tx.query<{ state: StepRow["state"]; n: number }>(text, [reversal]);
  const counts = { waiting: 0, done: 0, left: 0, nothing: 0 };
  for (const { state, n } of rows) counts[state] = n;
  return counts;
}

/** Steps in their order, after the one of this action. */
export async function listSteps(
  tx: Tx,
  reversal: string,
  after: string | undefined,
  limit: number,
): Promise<readonly StepRow[]> {
  const text = `select s.* from run_reversal_step s left join run_reversal_step a on a.reversal = $1 and a.deed = $2
    where s.reversal = $1 and ($2::text is null or (case
      when a.sent_at is null then s.sent_at is not null or s.deed < a.deed
      else s.sent_at < a.sent_at or (s.sent_at = a.sent_at and s.deed < a.deed) end))
    order by ${order} limit $3`;
  return (await tx.query<StepRow>(text, [reversal, after ?? null, limit])).rows;
}
