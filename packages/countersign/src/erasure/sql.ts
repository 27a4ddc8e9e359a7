import type { Tx } from "../db/db.ts";
import type { Preservation, PreservationScope } from "./preservation.ts";
import type { SubjectState } from "./subject-state.ts";

/** INVARIANT: held by whoever erases and whoever forbids it, until their deed is on record: neither misses the other. */
export async function holdErasing(tx: Tx): Promise<void> {
  await tx.query("select 1 from erasure_lock for update");
}

interface PreservationRow {
  readonly id: string;
  readonly scope: PreservationScope;
  readonly name: string;
  readonly reason: string;
  readonly taken_by: string;
  readonly vouched_by: readonly string[];
  readonly taken_at: string;
  readonly until: string | null;
  readonly ended_by: string | null;
  readonly ended_at: string | null;
}

function preservationOf(row: PreservationRow): Preservation {
  const { id, scope, name, reason, until } = row;
  return {
    id,
    scope,
    name,
    reason,
    by: row.taken_by,
    vouchedBy: row.vouched_by,
    takenAt: row.taken_at,
    until,
    endedAt: row.ended_at,
    endedBy: row.ended_by,
  };
}

export async function insertPreservation(
  tx: Tx,
  one: Pick<Preservation, "id" | "scope" | "name" | "reason" | "by" | "vouchedBy" | "until">,
): Promise<void> {
  const text = `insert into preservation (id, scope, name, reason, taken_by, vouched_by, until)
    values ($1,$2,$3,$4,$5,$6,$7)`;
  const { id, scope, name, reason, by, vouchedBy, until } = one;
  await tx.query(text, [id, scope, name, reason, by, JSON.stringify(vouchedBy), until]);
}

export async function listPreservations(tx: Tx, limit: number): Promise<readonly Preservation[]> {
  const text = "select * from preservation order by ended_at is not null, taken_at desc limit $1";
  return (await tx.query<PreservationRow>(text, [limit])).rows.map(preservationOf);
}

const inForce = "p.ended_at is null and (p.until is null or p.until > clock_timestamp())";

export async function preservationInForce(tx: Tx, id: string): Promise<Preservation | undefined> {
  const { rows } = await tx.query<PreservationRow>(`select * from preservation p where p.id = $1 and ${inForce}`, [id]);
  return rows.map(preservationOf)[0];
}

export async function preservationsEnding(tx: Tx, withinMs: number): Promise<readonly Preservation[]> {
  const text = `select * from preservation p where ${inForce} and p.until < clock_timestamp() + $1 * interval '1 millisecond'`;
  return (await tx.query<PreservationRow>(text, [withinMs])).rows.map(preservationOf);
}

export async function endPreservation(tx: Tx, id: string, by: string): Promise<boolean> {
  const text = "update preservation set ended_at = clock_timestamp(), ended_by = $2 where id = $1 and ended_at is null";
  return (await tx.query(text, [id, by])).rowCount > 0;
}

/** Of a first entry `f`: the legal hold that keeps it. */
const preservedBy = `(select p.id from preservation p where ${inForce} and (
    (p.scope = 'action' and p.name = f.subject) or (p.scope = 'run' and p.name = f.run)
    or (p.scope = 'workflow' and p.name = f.workflow) or (p.scope = 'agent' and p.name = f.agent)) limit 1)`;

const stateColumns = `f.subject, f.workflow, l.to_state as state, l.at as "lastAt",
    exists (select 1 from subject_key k where k.subject = f.subject) as "hasContent",
    exists (select 1 from erasure x where x.subject = f.subject) as "isErased", ${preservedBy} as "preservedBy"`;
const lastEntry =
  "cross join lateral (select e.to_state, e.at from entry e where e.subject = f.subject order by e.step desc limit 1) l";

/** Actions and advisory decisions, those of them that there are. */
export async function statesOf(tx: Tx, subjects: readonly string[]): Promise<readonly SubjectState[]> {
  const text = `select ${stateColumns} from entry f ${lastEntry} where f.subject = any($1::text[]) and f.step = 0`;
  return (await tx.query<SubjectState>(text, [subjects])).rows;
}

/** The next of a workflow in the order of their ids, which sort by time. */
export async function statesAfter(
  tx: Tx,
  workflow: string,
  after: string,
  before: string,
  limit: number,
): Promise<readonly SubjectState[]> {
  const text = `select ${stateColumns} from entry f ${lastEntry}
    where f.workflow = $1 and f.step = 0 and f.subject > $2 and f.subject < $3 order by f.subject limit $4`;
  return (await tx.query<SubjectState>(text, [workflow, after, before, limit])).rows;
}

const runColumns = `f.id as subject, f.workflow, null as state, f.opened_at as "lastAt", (f.task is not null or f.plan is not null) as "hasContent",
    exists (select 1 from erasure x where x.subject = f.id) as "isErased",
    (select p.id from preservation p where ${inForce} and ((p.scope = 'run' and p.name = f.id)
      or (p.scope = 'workflow' and p.name = f.workflow) or (p.scope = 'agent' and p.name = f.agent)) limit 1) as "preservedBy"`;

/** Runs, whose task is what can be erased of them. */
export async function runStates(tx: Tx, runs: readonly string[]): Promise<readonly SubjectState[]> {
  const text = `select ${runColumns} from run f where f.id = any($1::text[])`;
  return (await tx.query<SubjectState>(text, [runs])).rows;
}

/** Old runs of a workflow that still say what they were for. */
export async function oldRuns(
  tx: Tx,
  workflow: string,
  beforeMs: number,
  limit: number,
): Promise<readonly SubjectState[]> {
  const text = `select ${runColumns} from run f where f.workflow = $1 and (f.task is not null or f.plan is not null)
    and f.opened_at < to_timestamp($2::float8 / 1000) order by f.opened_at limit $3`;
  return (await tx.query<SubjectState>(text, [workflow, beforeMs, limit])).rows;
}

/** Actions and advisory decisions of a run. */
export async function subjectsOfRun(tx: Tx, run: string, limit: number): Promise<readonly string[]> {
  const text = "select subject from entry where run = $1 and step = 0 order by subject limit $2";
  return (await tx.query<{ subject: string }>(text, [run, limit])).rows.map((row) => row.subject);
}

export interface ErasureProposal {
  readonly id: string;
  readonly by: string;
  /** Who let the one who asked log in. */
  readonly vouchedBy: readonly string[];
  readonly subjects: readonly string[];
  readonly reason: string;
  readonly at: string;
}

const proposalColumns = 'id, proposed_by as by, vouched_by as "vouchedBy", subjects, reason, proposed_at as at';
const proposalOpen = "proposed_at > clock_timestamp() - interval '7 days'";

export async function insertProposal(tx: Tx, one: Omit<ErasureProposal, "at">): Promise<void> {
  const text = "insert into erasure_proposal (id, proposed_by, vouched_by, subjects, reason) values ($1,$2,$3,$4,$5)";
  await tx.query(text, [one.id, one.by, JSON.stringify(one.vouchedBy), JSON.stringify(one.subjects), one.reason]);
}

export async function readProposal(tx: Tx, id: string): Promise<ErasureProposal | undefined> {
  const text = `select ${proposalColumns} from erasure_proposal where id = $1 and ${proposalOpen}`;
  return (await tx.query<ErasureProposal>(text, [id])).rows[0];
}

export async function listProposals(tx: Tx): Promise<readonly ErasureProposal[]> {
  const text = `select ${proposalColumns} from erasure_proposal where ${proposalOpen} order by id limit 200`;
  return (await tx.query<ErasureProposal>(text)).rows;
}

/** False where somebody else signed it first. */
export async function dropProposal(tx: Tx, id: string): Promise<boolean> {
  return (await tx.query("delete from erasure_proposal where id = $1", [id])).rowCount > 0;
}

export async function insertErasures(tx: Tx, subjects: readonly string[], deed: string): Promise<void> {
  await tx.query("insert into erasure (subject, deed) select s, $2 from unnest($1::text[]) as s", [subjects, deed]);
}

/** Erasures whose content is still there; this transaction finishes them. */
export async function takeErasures(tx: Tx, limit: number): Promise<readonly string[]> {
  const text = "select subject from erasure where finished_at is null order by subject limit $1 for update skip locked";
  return (await tx.query<{ subject: string }>(text, [limit])).rows.map((row) => row.subject);
}

export async function finishErasures(tx: Tx, subjects: readonly string[]): Promise<void> {
  await tx.query("update erasure set finished_at = clock_timestamp() where subject = any($1::text[])", [subjects]);
}

export async function erasureOf(tx: Tx, subject: string): Promise<{ deed: string; at: string } | undefined> {
  return (await tx.query<{ deed: string; at: string }>("select deed, at from erasure where subject = $1", [subject]))
    .rows[0];
}

export async function readRetention(tx: Tx, workflow: string, kind: "act" | "dec"): Promise<string | undefined> {
  const text = "select up_to from retention where workflow = $1 and kind = $2";
  return (await tx.query<{ up_to: string }>(text, [workflow, kind])).rows[0]?.up_to;
}

export async function keepRetention(tx: Tx, workflow: string, kind: "act" | "dec", upTo: string): Promise<void> {
  const text = `insert into retention (workflow, kind, up_to) values ($1, $2, $3)
    on conflict (workflow, kind) do update set up_to = excluded.up_to`;
  await tx.query(text, [workflow, kind, upTo]);
}
