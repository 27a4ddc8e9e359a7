import type { Tx } from "../db/db.ts";
import type { NoticeBody, NoticeType } from "./notice.ts";

export type NoticeState = "waiting" | "sent" | "over" | "dead";

/** A row of the outbox. */
export interface NoticeRow {
  readonly id: string;
  readonly event: string;
  readonly type: NoticeType;
  readonly subject: string;
  readonly workflow: string | null;
  readonly channel: string;
  readonly person: string | null;
  readonly body: NoticeBody | null;
  readonly made_at: string;
  readonly state: NoticeState;
  readonly tries: number;
  readonly due_at: string;
  readonly fault: string | null;
  readonly ended_at: string | null;
}

const columns =
  "id, event, type, subject, workflow, channel, person, body, made_at, state, tries, due_at, fault, ended_at";

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

/** Notes that something was told of a held action; false where somebody else did meanwhile, or it has ended. */
export async function markTold(tx: Tx, watched: WatchedRow, key: string): Promise<boolean> {
  const text = "update notice_open set told = $2 where action = $1 and told = $3";
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

/** True the first time. */
export async function tellOnce(tx: Tx, event: string): Promise<boolean> {
  return (await tx.query("insert into notice_told (event) values ($1) on conflict do nothing", [event])).rowCount === 1;
}

export interface NewNotice {
  readonly id: string;
  readonly event: string;
  readonly type: NoticeType;
  readonly subject: string;
  readonly workflow: string | null;
  readonly channel: string;
  readonly person: string | null;
  readonly body: NoticeBody;
}

/** Puts rows in the outbox; with a `fault` as dead letters. Those that are there already stay as they are. */
export async function insertNotices(tx: Tx, rows: readonly NewNotice[], fault: string | null = null): Promise<void> {
  if (rows.length === 0) return;
  const text = `insert into notice (id, event, type, subject, workflow, channel, person, body, state, fault, ended_at)
    select r.id, r.event, r.type, r.subject, r.workflow, r.channel, r.person, r.body,
      case when $2::text is null then 'waiting' else 'dead' end, $2, case when $2::text is null then null else clock_timestamp() end
    from jsonb_to_recordset($1::jsonb) as r (id text, event text, type text, subject text, workflow text, channel text, person text, body jsonb)
    on conflict do nothing`;
  await tx.query(text, [JSON.stringify(rows), fault]);
}

/** How many wait, as far as `most`. */
export async function countWaiting(tx: Tx, most: number): Promise<number> {
  const text = "select count(*)::int as count from (select 1 from notice where state = 'waiting' limit $1) w";
  return (await tx.query<{ count: number }>(text, [most])).rows[0]?.count ?? 0;
}

/** Takes what is due, for each channel at most so many, and nothing that another replica is sending. */
export async function takeDue(
  tx: Tx,
  sender: string,
  channels: readonly { readonly name: string; readonly most: number }[],
  leaseMs: number,
): Promise<readonly NoticeRow[]> {
  const text = `update notice set sender = $1, lease_until = clock_timestamp() + $4::double precision * interval '1 millisecond',
      tries = tries + 1
    where id in (
      select d.id from unnest($2::text[], $3::int[]) as c (name, most)
      cross join lateral (
        select n.id from notice n where n.channel = c.name and n.state = 'waiting' and n.due_at <= clock_timestamp()
          and (n.lease_until is null or n.lease_until <= clock_timestamp())
        order by n.due_at limit c.most for update skip locked
      ) d
    ) returning ${columns}`;
  const values = [sender, channels.map(({ name }) => name), channels.map(({ most }) => most), leaseMs];
  return (await tx.query<NoticeRow>({ name: "notice-take", text, values })).rows;
}

/** The same for certain ones, whenever they are due. */
export async function takeThese(
  tx: Tx,
  sender: string,
  ids: readonly string[],
  leaseMs: number,
): Promise<readonly NoticeRow[]> {
  const text = `update notice set sender = $1, lease_until = clock_timestamp() + $3::double precision * interval '1 millisecond',
      tries = tries + 1
    where id in (
      select id from notice where id = any($2::text[]) and state = 'waiting'
        and (lease_until is null or lease_until <= clock_timestamp()) for update skip locked
    ) returning ${columns}`;
  return (await tx.query<NoticeRow>(text, [sender, ids, leaseMs])).rows;
}

/** Marks what this replica sent. False where its lease had run out and another took it. */
export async function markEnded(
  tx: Tx,
  row: {
    readonly id: string;
    readonly sender: string;
    readonly state: "sent" | "over" | "dead";
    readonly fault: string | null;
  },
): Promise<boolean> {
  const text = `update notice set state = $3, fault = $4, ended_at = clock_timestamp(), sender = null, lease_until = null
    where id = $1 and sender = $2 and state = 'waiting'`;
  return (await tx.query(text, [row.id, row.sender, row.state, row.fault])).rowCount === 1;
}

export async function markFailed(
  tx: Tx,
  row: { readonly id: string; readonly sender: string; readonly waitMs: number; readonly fault: string },
): Promise<void> {
  await tx.query(
    `update notice set fault = $4, sender = null, lease_until = null,
       due_at = clock_timestamp() + $3::double precision * interval '1 millisecond'
     where id = $1 and sender = $2 and state = 'waiting'`,
    [row.id, row.sender, row.waitMs, row.fault],
  );
}

/** What waits for a channel that is no longer there becomes a dead letter. */
export async function buryOthers(tx: Tx, channels: readonly string[], fault: string): Promise<number> {
  const text = `update notice set state = 'dead', fault = $2, ended_at = clock_timestamp()
    where state = 'waiting' and channel <> all($1::text[]) and (lease_until is null or lease_until <= clock_timestamp())`;
  return (await tx.query(text, [channels, fault])).rowCount;
}

export async function listNotices(
  tx: Tx,
  filter: { readonly state?: NoticeState; readonly subject?: string; readonly before?: string; readonly limit: number },
): Promise<readonly NoticeRow[]> {
  const text = `select ${columns} from notice
    where ($1::text is null or state = $1) and ($2::text is null or subject = $2) and ($3::text is null or id < $3)
    order by id desc limit $4`;
  const values = [filter.state ?? null, filter.subject ?? null, filter.before ?? null, filter.limit];
  return (await tx.query<NoticeRow>(text, values)).rows;
}

export async function noticeRows(tx: Tx, ids: readonly string[]): Promise<readonly NoticeRow[]> {
  return (await tx.query<NoticeRow>(`select ${columns} from notice where id = any($1::text[]) order by id`, [ids]))
    .rows;
}

/** Puts a dead letter back, under the same id; false where it is none, or says nothing any more. */
export async function revive(tx: Tx, id: string): Promise<boolean> {
  const text = `update notice set state = 'waiting', tries = 0, due_at = clock_timestamp(), fault = null, ended_at = null
    where id = $1 and state = 'dead' and body is not null`;
  return (await tx.query(text, [id])).rowCount === 1;
}

/** Notices about these say no more what they were about, and are not sent any more. */
export async function blankNotices(tx: Tx, subjects: readonly string[]): Promise<void> {
  await tx.query(
    `update notice set body = null, fault = case when state = 'waiting' then 'what this was about was erased' else fault end,
       state = case when state = 'waiting' then 'dead' else state end
     where subject = any($1::text[])`,
    [subjects],
  );
}

/** What was sent is kept for a week, dead letters for thirty days. */
export async function dropOldNotices(tx: Tx): Promise<void> {
  await tx.query(`delete from notice where (state in ('sent', 'over') and ended_at < clock_timestamp() - interval '7 days')
    or (state = 'dead' and coalesce(ended_at, made_at) < clock_timestamp() - interval '30 days')`);
  await tx.query("delete from notice_told where at < clock_timestamp() - interval '30 days'");
}

/** How many there are in each state, and how long the oldest that is due has waited. */
export async function noticeFigures(
  tx: Tx,
): Promise<{ readonly waiting: number; readonly dead: number; readonly oldestMs: number }> {
  const text = `select count(*) filter (where state = 'waiting')::int as waiting, count(*) filter (where state = 'dead')::int as dead,
      coalesce(extract(epoch from clock_timestamp() - min(made_at) filter (where state = 'waiting')) * 1000, 0)::double precision as "oldestMs"
    from notice where state in ('waiting', 'dead')`;
  return (
    (await tx.query<{ waiting: number; dead: number; oldestMs: number }>(text)).rows[0] ?? {
      waiting: 0,
      dead: 0,
      oldestMs: 0,
    }
  );
}

/** Dead letters of the last hour by channel, with what the last of them failed of. */
export async function deadLately(
  tx: Tx,
): Promise<readonly { readonly channel: string; readonly count: number; readonly fault: string }[]> {
  const text = `select channel, count(*)::int as count, (array_agg(fault order by ended_at desc))[1] as fault from notice
    where state = 'dead' and fault is not null and ended_at > clock_timestamp() - interval '1 hour' group by channel order by channel`;
  return (await tx.query<{ channel: string; count: number; fault: string }>(text)).rows;
}
