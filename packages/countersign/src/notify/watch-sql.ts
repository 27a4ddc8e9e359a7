import type { Tx } from "../db/db.ts";

/** Waits for whichever replica makes notices now; false where one does. */
export async function takeNotices(tx: Tx): Promise<boolean> {
  return (await tx.query("select 1 from notice_lock for update skip locked")).rows.length === 1;
}

export interface NoticeHead {
  readonly writer: string;
  /** The last number that was told of; -1 where none was. */
  readonly seq: number;
  readonly fenced: boolean;
}

/** Whether news have ever been followed here: else they begin now, and what was before is not told. */
export async function isFollowing(tx: Tx): Promise<boolean> {
  return (await tx.query({ name: "notice-any", text: "select 1 from notice_head limit 1" })).rows.length === 1;
}

export async function startHeads(tx: Tx): Promise<void> {
  await tx.query(`insert into notice_head (writer, seq, is_done)
    select w.id, coalesce((select max(e.seq) from entry e where e.writer = w.id), -1), false from writer w
    on conflict do nothing`);
}

/** Forgets how far news were followed: nothing is to be told any more. */
export async function stopHeads(tx: Tx): Promise<void> {
  await tx.query("delete from notice_head");
  await tx.query("delete from notice_open");
}

/** Writers whose chain is not told of to its end for certain. */
export async function noticeHeads(tx: Tx): Promise<readonly NoticeHead[]> {
  const text = `select w.id as writer, coalesce(h.seq, -1)::bigint as seq, w.fenced_at is not null as fenced
    from writer w left join notice_head h on h.writer = w.id where h.is_done is not true order by w.id collate "C"`;
  return (await tx.query<NoticeHead>({ name: "notice-heads", text })).rows;
}

/** How far each of these writers has written, at most `most` entries after its head. */
export async function headsNow(
  tx: Tx,
  heads: readonly NoticeHead[],
  most: number,
): Promise<readonly { readonly writer: string; readonly from: number; readonly to: number }[]> {
  const text = `select h.writer, h.seq as from, least(h.seq + $3, coalesce((select max(e.seq) from entry e where e.writer = h.writer), -1))::bigint as to
    from unnest($1::text[], $2::bigint[]) as h (writer, seq)`;
  const values = [heads.map(({ writer }) => writer), heads.map(({ seq }) => seq), most];
  return (await tx.query<{ writer: string; from: number; to: number }>({ name: "notice-now", text, values })).rows;
}

export async function advanceNoticeHeads(
  tx: Tx,
  heads: readonly { readonly writer: string; readonly to: number }[],
): Promise<void> {
  const text = `insert into notice_head (writer, seq) select * from unnest($1::text[], $2::bigint[])
    on conflict (writer) do update set seq = excluded.seq`;
  await tx.query({
    name: "notice-advance",
    text,
    values: [heads.map((one) => one.writer), heads.map((one) => one.to)],
  });
}

export async function closeNoticeHeads(tx: Tx, writers: readonly string[]): Promise<void> {
  const text = `insert into notice_head (writer, seq, is_done) select w, -1, true from unnest($1::text[]) as w
    on conflict (writer) do update set is_done = true`;
  await tx.query(text, [writers]);
}

/** Begins to watch a held action; it is looked at at once. */
export async function watchOpen(tx: Tx, action: string, workflow: string): Promise<void> {
  await tx.query(
    `insert into notice_open (action, workflow, look_at) values ($1, $2, clock_timestamp())
     on conflict (action) do update set look_at = excluded.look_at`,
    [action, workflow],
  );
}

export async function noteAnswered(tx: Tx, action: string, person: string): Promise<void> {
  await tx.query(
    `update notice_open set answered = answered || to_jsonb($2::text)
     where action = $1 and not answered ? $2`,
    [action, person],
  );
}

export interface WatchedRow {
  readonly action: string;
  readonly workflow: string;
  readonly answered: readonly string[];
  readonly told: readonly string[];
}

/**
 * Held actions whose time has come for another look. Whoever takes one has half a minute for it: then it is looked at
 * again, by whichever replica is there.
 */
export async function takeLooks(tx: Tx, most: number): Promise<readonly WatchedRow[]> {
  const text = `update notice_open set look_at = clock_timestamp() + interval '30 seconds'
    where action in (
      select action from notice_open where look_at <= clock_timestamp() order by look_at limit $1 for update skip locked
    ) returning action, workflow, answered, told`;
  return (await tx.query<WatchedRow>({ name: "notice-looks", text, values: [most] })).rows;
}

/** Whether there is one of them: asked without any lock. */
export async function hasLooks(tx: Tx): Promise<boolean> {
  const text = "select 1 from notice_open where look_at <= clock_timestamp() limit 1";
  return (await tx.query({ name: "notice-has-looks", text })).rows.length === 1;
}

/** Null: nothing more comes by time alone. */
export async function lookAgain(tx: Tx, action: string, atMs: number | null): Promise<void> {
  await tx.query("update notice_open set look_at = to_timestamp($2::double precision / 1000) where action = $1", [
    action,
    atMs,
  ]);
}

/**
 * Notes that something was told of a held action; false where somebody else did meanwhile, or it has ended, or somebody is
 * at it now. INVARIANT: it never waits: this runs in a transaction of the ledger, behind which calls wait.
 */
export async function markTold(tx: Tx, watched: WatchedRow, key: string): Promise<boolean> {
  const text = `update notice_open set told = $2
    where action = (select action from notice_open where action = $1 and told = $3 for update skip locked)`;
  const values = [watched.action, JSON.stringify([...watched.told, key]), JSON.stringify(watched.told)];
  return (await tx.query(text, values)).rowCount === 1;
}

/** Other rules may be in force: every open question is looked at anew. */
export async function lookAtAll(tx: Tx): Promise<void> {
  await tx.query("update notice_open set look_at = clock_timestamp()");
}

/** Ends the watch over these; which of them were watched. */
export async function endWatch(tx: Tx, actions: readonly string[]): Promise<readonly WatchedRow[]> {
  const text = "delete from notice_open where action = any($1::text[]) returning action, workflow, answered, told";
  return (await tx.query<WatchedRow>({ name: "notice-end", text, values: [actions] })).rows;
}
