import type { Tx } from "../db/db.ts";

/** Entries that tell what an action was about, or what came of it. */
const telling = "(e.step = 0 or e.kind in ('outcome', 'settled'))";

/** Holds the index for the rest of the transaction; false where another process has it. */
export async function takeIndex(tx: Tx): Promise<boolean> {
  return (await tx.query("select 1 from lookup_lock for update skip locked")).rows.length === 1;
}

/** The same, waiting for it: no indexer writes beside an erasure. */
export async function holdIndex(tx: Tx): Promise<void> {
  await tx.query("select 1 from lookup_lock for update");
}

export interface OpenHead {
  readonly writer: string;
  /** The last number that is indexed; -1 where none is. */
  readonly seq: number;
  readonly fenced: boolean;
}

/** Writers whose chain is not indexed to its end for certain. */
export async function openHeads(tx: Tx): Promise<readonly OpenHead[]> {
  const text = `select w.id as writer, coalesce(h.seq, -1)::bigint as seq, w.fenced_at is not null as fenced
    from writer w left join lookup_head h on h.writer = w.id where h.is_done is not true order by w.id collate "C"`;
  return (await tx.query<OpenHead>({ name: "lookup-heads", text })).rows;
}

export interface NewsRow {
  readonly writer: string;
  readonly seq: number;
  readonly subject: string;
  readonly step: number;
  readonly agent: string | null;
  readonly workflow: string | null;
  readonly tool: string | null;
  readonly at: string;
  /** Only of entries that tell something. */
  readonly sealed: Buffer | null;
  /** Null where the subject's key was erased. */
  readonly wrapped: Buffer | null;
}

/** What writers wrote after their heads, by writer and number, with what opens it. */
export async function newsAfter(tx: Tx, heads: readonly OpenHead[], limit: number): Promise<readonly NewsRow[]> {
  const text = `select e.writer, e.seq, e.subject, e.step, e.agent, e.workflow, e.tool, e.at,
      case when e.subject like 'act\\_%' and ${telling} then e.sealed end as sealed,
      (select k.wrapped from subject_key k where k.subject = e.subject) as wrapped
    from (
      select e.* from unnest($1::text[], $2::bigint[]) as h (writer, seq)
      cross join lateral (select * from entry where entry.writer = h.writer and entry.seq > h.seq and entry.seq <= h.seq + $3 order by entry.seq limit $3) e
      order by e.writer collate "C", e.seq limit $3
    ) e order by e.writer collate "C", e.seq`;
  const values = [heads.map((head) => head.writer), heads.map((head) => head.seq), limit];
  return (await tx.query<NewsRow>({ name: "lookup-news", text, values })).rows;
}

/** Of each writer: how many entries come after its head, and when the first of them was written. */
export async function lagAfter(
  tx: Tx,
  heads: readonly OpenHead[],
): Promise<readonly { readonly writer: string; readonly count: number; readonly first: string | null }[]> {
  const text = `select h.writer, greatest(coalesce(l.seq, -1) - h.seq, 0)::bigint as count,
      (select e.at from entry e where e.writer = h.writer and e.seq = h.seq + 1) as first
    from unnest($1::text[], $2::bigint[]) as h (writer, seq)
    cross join lateral (select max(e.seq) as seq from entry e where e.writer = h.writer) l`;
  const values = [heads.map((head) => head.writer), heads.map((head) => head.seq)];
  return (await tx.query<{ writer: string; count: number; first: string | null }>({ name: "lookup-lag", text, values }))
    .rows;
}

/** The part of a writer's chain that is not indexed: after one number, and below another where there is one. */
export interface Tail {
  readonly writer: string;
  readonly after: number;
  readonly below: number | null;
}

/** Entries of these parts that tell something of an action, of each writer the last `limit`. */
export async function tailRows(
  tx: Tx,
  tails: readonly Tail[],
  limit: number,
): Promise<readonly { readonly writer: string; readonly seq: number; readonly subject: string }[]> {
  const text = `select e.writer, e.seq, e.subject
    from unnest($1::text[], $2::bigint[], $3::bigint[]) as t (writer, after, below)
    cross join lateral (
      select e.* from entry e where e.writer = t.writer and e.seq > t.after and (t.below is null or e.seq < t.below)
        and ${telling} and e.subject like 'act\\_%' order by e.seq desc limit $4
    ) e order by e.seq desc`;
  const values = [tails.map((one) => one.writer), tails.map((one) => one.after), tails.map((one) => one.below), limit];
  return (await tx.query<{ writer: string; seq: number; subject: string }>(text, values)).rows;
}

export async function advanceHeads(tx: Tx, heads: ReadonlyMap<string, number>): Promise<void> {
  const text = `insert into lookup_head as h (writer, seq) select * from unnest($1::text[], $2::bigint[])
    on conflict (writer) do update set seq = greatest(h.seq, excluded.seq)`;
  await tx.query({ name: "lookup-advance", text, values: [[...heads.keys()], [...heads.values()]] });
}

export async function closeHeads(tx: Tx, writers: readonly string[]): Promise<void> {
  const text = `insert into lookup_head as h (writer, seq, is_done) select writer, -1, true from unnest($1::text[]) as w (writer)
    on conflict (writer) do update set is_done = true`;
  await tx.query(text, [writers]);
}

export interface Segment {
  readonly number: number;
  /** The first number that falls into it, as a uuid. */
  readonly first: string;
  readonly last: string;
  readonly actions: number;
}

/** Segments from the newest on, of numbers below `before`. */
export async function segmentsBefore(tx: Tx, before: string, limit: number): Promise<readonly Segment[]> {
  const text =
    "select number, first, last, actions from lookup_segment where first < $1::uuid order by first desc limit $2";
  return (await tx.query<Segment>({ name: "lookup-segments", text, values: [before, limit] })).rows;
}

export async function openSegment(tx: Tx, number: number, first: string): Promise<void> {
  await tx.query("insert into lookup_segment (number, first, last) values ($1, $2, $2)", [number, first]);
}

export async function growSegment(tx: Tx, number: number, last: string, actions: number): Promise<void> {
  const text = "update lookup_segment set last = greatest(last, $2::uuid), actions = actions + $3 where number = $1";
  await tx.query(text, [number, last, actions]);
}

export interface ActionTerms {
  readonly action: string;
  /** Keys of its terms, as `keysOf` writes them. */
  readonly terms: string;
}

/** Adds terms to actions, each of which is named once. */
export async function insertTerms(tx: Tx, rows: readonly ActionTerms[]): Promise<void> {
  const text = `insert into lookup_action as a (action, terms)
    select r.action, r.terms::bigint[] from unnest($1::uuid[], $2::text[]) as r (action, terms) order by r.action
    on conflict (action) do update set terms = a.terms || excluded.terms where not a.terms @> excluded.terms`;
  const values = [rows.map((row) => row.action), rows.map((row) => row.terms)];
  await tx.query({ name: "lookup-terms", text, values });
}

export async function deleteTerms(tx: Tx, actions: readonly string[]): Promise<number> {
  return (await tx.query("delete from lookup_action where action = any($1::uuid[])", [actions])).rowCount;
}

/**
 * For the rest of the transaction. What a question costs is guessed far too high, as nothing is known of how often a
 * term comes: no scan of the table, no workers and no compiler for it.
 */
export async function planByIndex(tx: Tx): Promise<void> {
  await tx.query("set local enable_seqscan = off; set local max_parallel_workers_per_gather = 0; set local jit = off");
}

/**
 * Actions that have one of each of these lists of keys, newest first. No action has keys of two segments: a list for each
 * term, over all segments that are asked, makes one scan of the index.
 */
export async function withTerms(
  tx: Tx,
  lists: readonly string[],
  before: string,
  limit: number,
): Promise<readonly string[]> {
  // Materialized: otherwise actions might be walked from the newest on, each asked for its terms.
  const text = `with hit as materialized (
      select action from lookup_action where ${lists.map((_, at) => `terms && $${at + 3}::bigint[]`).join(" and ")}
    ) select action from hit where action < $1::uuid order by action desc limit $2`;
  return (await tx.query<{ action: string }>(text, [before, limit, ...lists])).rows.map((row) => row.action);
}

export interface CandidateRow {
  readonly subject: string;
  readonly step: number;
  readonly agent: string | null;
  readonly workflow: string | null;
  readonly tool: string | null;
  readonly at: string;
  readonly to_state: string | null;
  readonly sealed: Buffer | null;
  readonly wrapped: Buffer | null;
}

/** Entries of actions, each with what opens it, by subject and step. */
export async function candidateRows(tx: Tx, subjects: readonly string[]): Promise<readonly CandidateRow[]> {
  const text = `select e.subject, e.step, e.agent, e.workflow, e.tool, e.at, e.to_state,
      case when ${telling} then e.sealed end as sealed, k.wrapped
    from entry e left join subject_key k on k.subject = e.subject
    where e.subject = any($1::text[]) order by e.subject, e.step`;
  return (await tx.query<CandidateRow>(text, [subjects])).rows;
}
