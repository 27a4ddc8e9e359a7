import type { ApprovalFact, Json, Requirement, Risk, RiskLevel, State } from "@countersign/contract";
import { endAsked } from "../approvals/queue-sql.ts";
import type { Tx } from "../db/db.ts";
import type { PlannedStep } from "./call.ts";

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
}

/** Puts an action among what is open, or moves it there; its claim is given back. */
export async function putOpen(tx: Tx, open: OpenValues): Promise<void> {
  await tx.query(
    `insert into open_action (id, state, step, agent, workflow, run, server, tool, system, verb, target, environment, call_digest,
       requirements, sentence, expires_at, look_at, on_behalf_of, vouched_by, asked_from, risk, risk_rank)
     values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,
       clock_timestamp() + $16::double precision * interval '1 millisecond', clock_timestamp() + $17::double precision * interval '1 millisecond',
       $18, $19, $20::text[], $21, $22)
     on conflict (id) do update set state = excluded.state, step = excluded.step, call_digest = excluded.call_digest,
       verb = excluded.verb, target = excluded.target,
       requirements = excluded.requirements, sentence = excluded.sentence, look_at = excluded.look_at,
       on_behalf_of = coalesce(excluded.on_behalf_of, open_action.on_behalf_of),
       vouched_by = coalesce(excluded.vouched_by, open_action.vouched_by),
       asked_from = excluded.asked_from, risk = excluded.risk,
       -- Who was let in to answer by waiting was let in to what was asked then: another question runs its own time.
       stand_ins = case when exists (select 1 from jsonb_array_elements(excluded.requirements) n
           where n->>'kind' = 'approval' and not exists (select 1 from jsonb_array_elements(open_action.requirements) o
             where o->>'policy' = n->>'policy' and o->>'policyDigest' = n->>'policyDigest'))
         then '[]'::jsonb else open_action.stand_ins end,
       risk_rank = greatest(open_action.risk_rank, excluded.risk_rank),
       expires_at = coalesce(open_action.expires_at, excluded.expires_at), claimed_by = null, lease_until = null`,
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

/** Nobody has it: the claim ran out, or was of a replica that was found dead since. */
const isFree = `(lease_until is null or lease_until < clock_timestamp()
  or exists (select 1 from writer w where w.id = open_action.claimed_by and w.fenced_at is not null))`;

/** Takes a held or ready action for this writer: one replica at a time, each time with a higher fence. */
export async function claimOpen(tx: Tx, id: string, writer: string, leaseMs: number): Promise<OpenRow | undefined> {
  const result = await tx.query<OpenRow>(
    `update open_action set fence = fence + 1, claimed_by = $2, lease_until = clock_timestamp() + $3 * interval '1 millisecond'
     where id = (select id from open_action where id = $1 and state in ('held', 'ready') and frozen_by is null
       and ${isFree} for update skip locked)
     returning *`,
    [id, writer, leaseMs],
  );
  return result.rows[0];
}

/** True where this claim still holds: the fence is the one that was taken, and no stop froze it since. */
export async function holdsFence(tx: Tx, id: string, fence: number): Promise<boolean> {
  return (
    (
      await tx.query("select 1 from open_action where id = $1 and fence = $2 and frozen_by is null for update", [
        id,
        fence,
      ])
    ).rowCount === 1
  );
}

/** Lets a claim go; an answer that came since it was taken (another step) is looked at next. */
export async function giveBack(
  tx: Tx,
  claimed: Pick<OpenRow, "id" | "fence" | "step">,
  lookInMs: number | null,
): Promise<void> {
  await tx.query(
    `update open_action set claimed_by = null, lease_until = null,
       look_at = case when step = $4 then clock_timestamp() + $3::double precision * interval '1 millisecond'
         else clock_timestamp() end
     where id = $1 and fence = $2`,
    [claimed.id, claimed.fence, lookInMs, claimed.step],
  );
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

/** Held actions whose time has come, and ready ones that nobody runs. */
export async function dueOpen(tx: Tx, limit: number): Promise<readonly string[]> {
  const result = await tx.query<{ id: string }>(
    `select id from open_action where frozen_by is null and ${isFree}
       and (state = 'ready' or (state = 'held' and (look_at <= clock_timestamp() or expires_at <= clock_timestamp()
           or claimed_by is not null)))
     order by opened_at limit $1`,
    [limit],
  );
  return result.rows.map((row) => row.id);
}

/** Freezes one open action under a stop that is in force; false where there is no such stop. Its claim is given back. */
export async function freezeOne(tx: Tx, id: string, stop: string): Promise<boolean> {
  const text = `update open_action set frozen_by = $2, claimed_by = null, lease_until = null where id = $1
    and exists (select 1 from stop s where s.id = $2 and s.lifted_at is null and (s.until is null or s.until > clock_timestamp()))`;
  return (await tx.query(text, [id, stop])).rowCount === 1;
}

/** Lets go of what no stop in force freezes any more, because it was lifted or its time is over. Ids of what is free. */
export async function thawOpen(tx: Tx): Promise<readonly string[]> {
  const inForce = "s.lifted_at is null and (s.until is null or s.until > clock_timestamp())";
  const { rows } = await tx.query<{ id: string; frozen_by: string | null }>(
    `update open_action o set frozen_by = f.next,
       look_at = case when f.next is null then clock_timestamp() else o.look_at end
     from (
       select q.id, (
         select s.id from stop s where ${inForce} and (s.scope = 'everything' or (s.scope = 'agent' and s.name = q.agent)
           or (s.scope = 'workflow' and s.name = q.workflow) or (s.scope = 'system' and s.name = q.system)
           or (s.scope = 'tool' and s.name in (q.server, q.server || '.' || q.tool)))
         order by s.taken_at limit 1) as next
       from open_action q where q.frozen_by is not null
         and not exists (select 1 from stop s where s.id = q.frozen_by and ${inForce}) for update of q
     ) f where o.id = f.id returning o.id, o.frozen_by`,
  );
  return rows.flatMap((row) => (row.frozen_by === null ? [row.id] : []));
}

/** Unknowns whose time to be looked up has come. */
export async function dueUnknown(tx: Tx, limit: number): Promise<readonly string[]> {
  const text = `select id from open_action where state = 'unknown' and (look_at is null or look_at <= clock_timestamp())
    order by look_at nulls first limit $1`;
  return (await tx.query<{ id: string }>(text, [limit])).rows.map((row) => row.id);
}

export async function lookAgain(tx: Tx, id: string, inMs: number): Promise<void> {
  const text = `update open_action set look_at = clock_timestamp() + $2::double precision * interval '1 millisecond'
    where id = $1 and state = 'unknown'`;
  await tx.query(text, [id, inMs]);
}

interface ShownTo {
  readonly action: string;
  readonly person: string;
  readonly digest: string;
  /** By itself, and not in a list of what may be answered together. */
  readonly opened: boolean;
}

/** How long what somebody was shown may be answered. */
export const shownMinutes = 60;
const shownFor = `interval '${shownMinutes} minutes'`;

/** Somebody was shown this document of a held action. The number of the showing: it stays until an answer uses it up. */
export async function noteShown(tx: Tx, { action, person, digest, opened }: ShownTo, fresh: string): Promise<string> {
  const { rows } = await tx.query<{ nonce: string }>(
    `insert into approval_shown as old (action, person, digest, nonce, opened) values ($1, $2, $3, $4, $5)
     on conflict (action, person) do update set digest = excluded.digest, last_at = clock_timestamp(),
       opened = excluded.opened
         or (old.opened and old.digest = excluded.digest and old.last_at > clock_timestamp() - ${shownFor}),
       first_at = case when old.digest = excluded.digest and old.last_at > clock_timestamp() - ${shownFor}
         then old.first_at else clock_timestamp() end,
       nonce = case when old.digest = excluded.digest and old.last_at > clock_timestamp() - ${shownFor}
         then coalesce(old.nonce, excluded.nonce) else excluded.nonce end
     returning nonce`,
    [action, person, digest, fresh, opened],
  );
  return rows[0]?.nonce ?? fresh;
}

/** Whoever edits a call has had it before them as long as what they made it of. */
export async function carryShown(
  tx: Tx,
  from: string,
  { action, person, digest }: Omit<ShownTo, "opened">,
): Promise<void> {
  await tx.query(
    `insert into approval_shown (action, person, digest, first_at, opened)
     select $2, person, $4, first_at, opened from approval_shown where action = $1 and person = $3
     on conflict (action, person) do nothing`,
    [from, action, person, digest],
  );
}

/** False where an answer has used it up already. */
export async function useShown(
  tx: Tx,
  { action, person }: Pick<ShownTo, "action" | "person">,
  nonce: string,
): Promise<boolean> {
  const text = "update approval_shown set nonce = null where action = $1 and person = $2 and nonce = $3";
  return (await tx.query(text, [action, person, nonce])).rowCount === 1;
}

export interface Showing {
  /** Milliseconds since it was first put before this person. */
  readonly ms: number;
  /** Null where it was answered already. */
  readonly nonce: string | null;
  /** By itself, and not in a list only. */
  readonly opened: boolean;
}

/** When this very document was put before this person, and how; undefined where it was not, or too long ago. */
export async function shownSince(
  tx: Tx,
  { action, person, digest }: Omit<ShownTo, "opened">,
): Promise<Showing | undefined> {
  const text = `select (extract(epoch from clock_timestamp() - first_at) * 1000)::float8 as ms, nonce, opened from approval_shown
    where action = $1 and person = $2 and digest = $3 and last_at > clock_timestamp() - ${shownFor}`;
  return (await tx.query<Showing>(text, [action, person, digest])).rows[0];
}

export async function forgetShown(tx: Tx): Promise<void> {
  await tx.query(`delete from approval_shown where last_at <= clock_timestamp() - ${shownFor}`);
}

export interface AnswerValues {
  readonly action: string;
  readonly policy: string;
  readonly policyDigest: string;
  readonly callDigest: string;
  readonly person: string;
  readonly vouchedBy: readonly string[];
  readonly groups: readonly string[];
  readonly verdict: "approve" | "deny";
  readonly reason: string;
  readonly method: string;
  readonly shownDigest: string;
  readonly dwellMs: number | null;
  readonly measured: Measured;
  /** The id of the passkey that signed it. */
  readonly passkey?: string;
}

/** What an answer was given to, as far as it says how it was given. */
export interface Measured {
  /** Since the server showed it. */
  readonly shownMs: number;
  /** Characters of what was shown. */
  readonly size: number;
  readonly risk?: RiskLevel;
  /** It was looked at for too short a time, so one more person is asked. */
  readonly skimmed: boolean;
  /** A second look by the same person makes good for the first: there is nobody else. */
  readonly mends: boolean;
}

/** A person's answer. The same person may give it again, where the first one lapsed or was taken back. */
export async function insertAnswer(tx: Tx, answer: AnswerValues): Promise<void> {
  await tx.query(
    `insert into answer (action, policy, policy_digest, call_digest, person, groups, verdict, reason, method, shown_digest, dwell_ms, at,
       vouched_by, passkey, asked_at, shown_ms, size, risk, skimmed)
     values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11, clock_timestamp(), $12, $13,
       (select opened_at from open_action where id = $1), $14, $15, $16, $17)
     on conflict (action, policy, person, call_digest) do update set policy_digest = excluded.policy_digest,
       vouched_by = excluded.vouched_by, groups = excluded.groups, verdict = excluded.verdict,
       reason = excluded.reason, method = excluded.method, shown_digest = excluded.shown_digest,
       dwell_ms = excluded.dwell_ms, at = excluded.at, passkey = excluded.passkey, revoked_at = null,
       shown_ms = excluded.shown_ms, size = excluded.size, risk = excluded.risk,
       skimmed = excluded.skimmed or (answer.skimmed and not $18)
     where answer.consumed_at is null`,
    [
      answer.action,
      answer.policy,
      answer.policyDigest,
      answer.callDigest,
      answer.person,
      JSON.stringify(answer.groups),
      answer.verdict,
      answer.reason,
      answer.method,
      answer.shownDigest,
      answer.dwellMs,
      JSON.stringify(answer.vouchedBy),
      answer.passkey ?? null,
      Math.round(answer.measured.shownMs),
      answer.measured.size,
      answer.measured.risk ?? null,
      answer.measured.skimmed,
      answer.measured.mends,
    ],
  );
}

export async function approvalsOf(tx: Tx, action: string): Promise<readonly ApprovalFact[]> {
  const result = await tx.query<{
    policy: string;
    policy_digest: string;
    person: string;
    vouched_by: readonly string[];
    groups: readonly string[];
    at: string;
    call_digest: string;
    skimmed: boolean;
    passkey: string | null;
  }>(
    `select policy, policy_digest, person, vouched_by, groups, skimmed, passkey, to_char(at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at, call_digest
     from answer where action = $1 and verdict = 'approve' and consumed_at is null and revoked_at is null order by at, policy, person`,
    [action],
  );
  return result.rows.map((row) => ({
    policy: row.policy,
    policyDigest: row.policy_digest,
    person: row.person,
    ...(row.vouched_by.length === 0 ? {} : { vouchedBy: row.vouched_by }),
    groups: row.groups,
    at: row.at,
    callDigest: row.call_digest,
    ...(row.skimmed ? { skimmed: true as const } : {}),
    ...(row.passkey === null ? {} : { passkey: true as const }),
  }));
}

/** Approvals are single use: spent with the durable intent, in its transaction. How many stood. */
export async function consumeApprovals(tx: Tx, action: string, callDigest: string): Promise<number> {
  const text = `update answer set consumed_at = clock_timestamp()
    where action = $1 and call_digest = $2 and verdict = 'approve' and consumed_at is null and revoked_at is null`;
  return (await tx.query(text, [action, callDigest])).rowCount;
}

export async function revokeApproval(tx: Tx, action: string, person: string): Promise<number> {
  const text = `update answer set revoked_at = clock_timestamp()
    where action = $1 and person = $2 and verdict = 'approve' and consumed_at is null and revoked_at is null`;
  return (await tx.query(text, [action, person])).rowCount;
}

export async function stateOf(tx: Tx, id: string): Promise<State | undefined> {
  const text = "select to_state from entry where subject = $1 order by step desc limit 1";
  return (await tx.query<{ to_state: State }>({ name: "state-of", text, values: [id] })).rows[0]?.to_state;
}

/** Gives back the names that these actions hold: pairs of action and name. */
export async function dropClaims(tx: Tx, held: readonly (readonly [string, string])[]): Promise<void> {
  const text = `delete from claim c using unnest($1::text[], $2::text[]) as h(subject, name)
    where c.name = h.name and c.subject = h.subject`;
  await tx.query(text, [held.map(([action]) => action), held.map(([, name]) => name)]);
}

export async function openAlert(tx: Tx, id: string, kind: string, subject: string, sentence: string): Promise<void> {
  await tx.query("insert into alert (id, kind, subject, sentence) values ($1,$2,$3,$4) on conflict do nothing", [
    id,
    kind,
    subject,
    sentence,
  ]);
}

export async function settleAlert(tx: Tx, kind: string, subject: string): Promise<void> {
  await tx.query(
    "update alert set settled_at = clock_timestamp() where kind = $1 and subject = $2 and settled_at is null",
    [kind, subject],
  );
}

/** From now on these people may answer a held action, too; false where it does not wait any more. */
export async function addStandIns(tx: Tx, action: string, people: readonly string[]): Promise<boolean> {
  const text = `update open_action set stand_ins = (
      select coalesce(jsonb_agg(distinct p), '[]') from jsonb_array_elements_text(stand_ins || $2::jsonb) as p
    ) where id = $1 and state = 'held'`;
  return (await tx.query(text, [action, JSON.stringify(people)])).rowCount === 1;
}

/** Alerts about these say no more what they were about. */
export async function blankAlerts(tx: Tx, subjects: readonly string[]): Promise<void> {
  const text = "update alert set sentence = 'what this was about was erased' where subject = any($1::text[])";
  await tx.query(text, [subjects]);
}

/** People's answers to what has ended; its receipt had them from the ledger. */
export async function dropAnswers(tx: Tx, actions: readonly string[]): Promise<void> {
  await tx.query("delete from answer where action = any($1::text[])", [actions]);
}

export interface RunRow {
  readonly id: string;
  readonly agent: string;
  readonly workflow: string;
  readonly trusted: boolean;
  readonly task: string | null;
  readonly parent: string | null;
  readonly closed_at: string | null;
  readonly plan: readonly PlannedStep[] | null;
  readonly root: string | null;
  readonly opened_by: string;
  readonly opened_at: string;
  readonly parameters: Json;
}

export async function runRow(tx: Tx, id: string): Promise<RunRow | undefined> {
  return (await tx.query<RunRow>({ name: "run", text: "select * from run where id = $1", values: [id] })).rows[0];
}

/** A run and those that it was opened under, up to the nearest that a person opened; at most 65. */
export async function lineAbove(tx: Tx, run: string): Promise<readonly RunRow[]> {
  const found = await tx.query<RunRow>({
    name: "line-above",
    text: `with recursive line as (
             select r.*, 0 as above from run r where r.id = $1
             union all
             select r.*, l.above + 1 from run r join line l on r.id = l.parent where not l.trusted and l.above < 64
           )
           select * from line order by above`,
    values: [run],
  });
  return found.rows;
}

export interface PolicyTextRow {
  readonly digest: string;
  readonly id: string;
  readonly effect: "permit" | "forbid";
  readonly title: string | null;
  readonly text: string;
}

export async function policyTexts(tx: Tx, digests: readonly string[]): Promise<readonly PolicyTextRow[]> {
  return (
    await tx.query<PolicyTextRow>(
      "select digest, id, effect, title, text from policy_text where digest = any($1::text[])",
      [digests],
    )
  ).rows;
}

export interface PutInForce {
  readonly by: string;
  readonly signedBy: string | null;
  /** One person was enough: there was no other. */
  readonly single: boolean;
  readonly at: string;
  readonly entry: string | null;
}

/** Whose hands put this revision of the rules in force. */
export async function putInForceBy(tx: Tx, revision: number): Promise<PutInForce | undefined> {
  const text = `select applied_by as by, signed_by as "signedBy", single, applied_at as at, entry
    from workspace_version where revision = $1`;
  return (await tx.query<PutInForce>(text, [revision])).rows[0];
}

/** When an action that reversed a call of this tool last ran. */
export async function lastReversal(tx: Tx, tool: string): Promise<string | undefined> {
  const text = "select max(at) as at from entry where kind = 'reversed' and tool = $1";
  return (await tx.query<{ at: string | null }>(text, [tool])).rows[0]?.at ?? undefined;
}
