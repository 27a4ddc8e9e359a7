import type { Requirement, Risk, State, UndoLink } from "@countersign/contract";
import { endAsked } from "../approvals/queue-sql.ts";
import type { Tx } from "../db/db.ts";

export interface OpenRow {
  readonly id: string;
  readonly state: "held" | "ready" | "running" | "unknown";
  readonly step: number;
  readonly agent: string;
  readonly workflow: string;
  readonly run: string;
  readonly server: string;
  readonly tool: string;
  readonly verb: string;
  readonly target: string;
  readonly environment: string;
  readonly call_digest: string;
  readonly requirements: readonly Requirement[];
  readonly sentence: string;
  readonly opened_at: string;
  readonly expires_at: string | null;
  readonly look_at: string | null;
  readonly frozen_by: string | null;
  readonly stand_ins: readonly string[];
  readonly fence: number;
  readonly on_behalf_of: string | null;
  readonly vouched_by: readonly string[] | null;
  /** Absent where a version before this put it there. */
  readonly risk: Risk | null;
  readonly risk_rank: number;
  /** The deed that it undoes and who asked for that, without what they say. */
  readonly undoes: UndoLink | null;
}

export interface OpenValues {
  readonly id: string;
  readonly state: OpenRow["state"];
  readonly step: number;
  readonly agent: string;
  readonly workflow: string;
  readonly run: string;
  readonly server: string;
  readonly tool: string;
  readonly system: string;
  readonly verb: string;
  readonly target: string;
  readonly environment: string;
  readonly callDigest: string;
  readonly requirements: readonly Requirement[];
  readonly sentence: string;
  readonly openMs?: number;
  readonly lookInMs?: number;
  readonly asked?: AskedValues;
}

/** What the list of open approvals tells without opening what is sealed. */
export interface AskedValues {
  readonly from: readonly string[];
  readonly risk: Risk;
  readonly rank: number;
  readonly onBehalfOf?: string;
  readonly vouchedBy?: readonly string[];
  readonly undoes?: Omit<UndoLink, "reason">;
}

/** Puts an action among what is open, or moves it there; its claim is given back. */
export async function putOpen(tx: Tx, open: OpenValues): Promise<void> {
  await tx.query(
    `insert into open_action (id, state, step, agent, workflow, run, server, tool, system, verb, target, environment, call_digest,
       requirements, sentence, expires_at, look_at, on_behalf_of, vouched_by, asked_from, risk, risk_rank, undoes)
     values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,
       clock_timestamp() + $16::double precision * interval '1 millisecond', clock_timestamp() + $17::double precision * interval '1 millisecond',
       $18, $19, $20::text[], $21, $22, $23)
     on conflict (id) do update set state = excluded.state, step = excluded.step, call_digest = excluded.call_digest,
       verb = excluded.verb, target = excluded.target,
       requirements = excluded.requirements, sentence = excluded.sentence,
       -- A claim clears it: what stands there was asked for while this was decided.
       look_at = case when excluded.state = 'held' and open_action.claimed_by is not null and open_action.look_at is not null
         then clock_timestamp() else excluded.look_at end,
       on_behalf_of = coalesce(excluded.on_behalf_of, open_action.on_behalf_of),
       vouched_by = coalesce(excluded.vouched_by, open_action.vouched_by),
       asked_from = excluded.asked_from, risk = excluded.risk, undoes = coalesce(excluded.undoes, open_action.undoes),
       -- Who was let in to answer by waiting was let in to what was asked then: another question runs its own time.
       stand_ins = case when exists (select 1 from jsonb_array_elements(excluded.requirements) n
           where n->>'kind' = 'approval' and not exists (select 1 from jsonb_array_elements(open_action.requirements) o
             where o->>'policy' = n->>'policy' and o->>'policyDigest' = n->>'policyDigest'))
         then '[]'::jsonb else open_action.stand_ins end,
       risk_rank = greatest(open_action.risk_rank, excluded.risk_rank),
       -- A question asked anew has no more time; one beside a wait has its time once that is over.
       expires_at = case when $17::double precision is null then coalesce(open_action.expires_at, excluded.expires_at)
         else greatest(open_action.expires_at, excluded.expires_at) end, claimed_by = null, lease_until = null`,
    [
      open.id,
      open.state,
      open.step,
      open.agent,
      open.workflow,
      open.run,
      open.server,
      open.tool,
      open.system,
      open.verb,
      open.target,
      open.environment,
      open.callDigest,
      JSON.stringify(open.requirements),
      open.sentence,
      open.openMs ?? null,
      open.lookInMs ?? null,
      open.asked?.onBehalfOf ?? null,
      open.asked?.vouchedBy === undefined ? null : JSON.stringify(open.asked.vouchedBy),
      [...(open.asked?.from ?? [])],
      open.asked === undefined ? null : JSON.stringify(open.asked.risk),
      open.asked?.rank ?? 2,
      open.asked?.undoes === undefined ? null : JSON.stringify(open.asked.undoes),
    ],
  );
}

export async function openRow(tx: Tx, id: string): Promise<OpenRow | undefined> {
  return (await tx.query<OpenRow>("select * from open_action where id = $1", [id])).rows[0];
}

export async function lockOpen(tx: Tx, id: string): Promise<OpenRow | undefined> {
  return (await tx.query<OpenRow>("select * from open_action where id = $1 for update", [id])).rows[0];
}

export async function listOpen(tx: Tx, states: readonly State[], limit: number): Promise<readonly OpenRow[]> {
  const text = "select * from open_action where state = any($1::text[]) order by opened_at limit $2";
  return (await tx.query<OpenRow>(text, [states, limit])).rows;
}

/** How much waits for people, and since when. */
export async function countOpen(tx: Tx): Promise<{ held: number; unknown: number; oldestHeldAt: string | null }> {
  const text = `select count(*) filter (where state = 'held')::int as held, count(*) filter (where state = 'unknown')::int as unknown,
      min(opened_at) filter (where state = 'held') as "oldestHeldAt" from open_action`;
  const found = await tx.query<{ held: number; unknown: number; oldestHeldAt: string | null }>(text);
  return found.rows[0] ?? { held: 0, unknown: 0, oldestHeldAt: null };
}

/** What is open no longer is; the question that people were asked ends with it. */
export async function dropOpen(tx: Tx, id: string): Promise<void> {
  await tx.query("delete from open_action where id = $1", [id]);
  await endAsked(tx, id);
}

/** Somebody answered: whichever replica is there decides it again, also where the one that took the answer dies. */
export async function stepOpen(tx: Tx, id: string, step: number): Promise<void> {
  await tx.query("update open_action set step = $2, look_at = clock_timestamp() where id = $1", [id, step]);
}

/** Something was said about it that decides nothing: who has it in hand reads it again. */
export async function noteStep(tx: Tx, id: string, step: number): Promise<void> {
  await tx.query("update open_action set step = $2 where id = $1", [id, step]);
}

/** From now on these people may answer a held action, too; false where it does not wait any more. */
export async function addStandIns(tx: Tx, action: string, people: readonly string[]): Promise<boolean> {
  const text = `update open_action set stand_ins = (
      select coalesce(jsonb_agg(distinct p), '[]') from jsonb_array_elements_text(stand_ins || $2::jsonb) as p
    ) where id = $1 and state = 'held'`;
  return (await tx.query(text, [action, JSON.stringify(people)])).rowCount === 1;
}
