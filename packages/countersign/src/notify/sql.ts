import type { Tx } from "../db/db.ts";
import { storable } from "../floor/visible.ts";
import type { NoticeBody, NoticeType } from "./notice.ts";

type NoticeState = "waiting" | "sent" | "over" | "dead";

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
  // An agent's words may hold what the database cannot store: one such notice would hold up all that come after it.
  const stored = (_: string, value: unknown): unknown => (typeof value === "string" ? storable(value) : value);
  await tx.query(text, [JSON.stringify(rows, stored), fault]);
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

/** How many dead letters are kept, at most. */
export const mostDead = 20_000;

/** Drops the oldest dead letters above the number that is kept; how many. */
export async function dropMostDead(tx: Tx): Promise<number> {
  const text = `delete from notice where state = 'dead'
    and id <= (select id from notice where state = 'dead' order by id desc offset $1 limit 1)`;
  return (await tx.query(text, [mostDead])).rowCount;
}

/** What was sent is kept for a week, dead letters for thirty days and no more of them than 20,000. */
export async function dropOldNotices(tx: Tx): Promise<void> {
  await dropMostDead(tx);
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
