import type { Tx } from "../db/db.ts";

/** A stretch of one writer's chain. */
export interface Stretch {
  readonly writer: string;
  readonly from: number;
  readonly to: number;
}

export interface NewsRow {
  readonly subject: string;
  readonly step: number;
  readonly kind: string;
  readonly to_state: string | null;
  readonly agent: string | null;
  readonly workflow: string | null;
  readonly person: string | null;
  readonly tool: string | null;
}

const columns = "e.subject, e.step, e.kind, e.to_state, e.agent, e.workflow, e.person, e.tool";
const stretches = `from unnest($1::text[], $2::bigint[], $3::bigint[]) as h (writer, first, last)
  join entry e on e.writer = h.writer and e.seq > h.first and e.seq <= h.last`;

function valuesOf(of: readonly Stretch[]): unknown[] {
  return [of.map(({ writer }) => writer), of.map(({ from }) => from), of.map(({ to }) => to)];
}

/** What came to wait for people, what they answered, and what was stopped, in order of each writer. */
export async function tellingNews(tx: Tx, of: readonly Stretch[]): Promise<readonly NewsRow[]> {
  const text = `select ${columns} ${stretches} where e.kind in ('held', 'approved', 'glass', 'denied', 'unknown', 'stopped', 'lifted')
    order by e.writer collate "C", e.seq`;
  return (await tx.query<NewsRow>({ name: "notice-news", text, values: valuesOf(of) })).rows;
}

/** Ends of what was watched because it waited. */
export async function endsOfWatched(tx: Tx, of: readonly Stretch[]): Promise<readonly NewsRow[]> {
  const text = `select ${columns} ${stretches} where e.to_state in ('done', 'failed', 'refused', 'unknown')
    and exists (select 1 from notice_open o where o.action = e.subject) order by e.writer collate "C", e.seq`;
  return (await tx.query<NewsRow>({ name: "notice-ends", text, values: valuesOf(of) })).rows;
}

/** Held actions that were there before anybody was to be told. */
export async function heldNow(tx: Tx): Promise<readonly { readonly id: string; readonly workflow: string }[]> {
  const text = "select id, workflow from open_action where state = 'held' order by opened_at limit 100000";
  return (await tx.query<{ id: string; workflow: string }>(text)).rows;
}

export interface UntoldAlert {
  readonly id: string;
  readonly kind: string;
  readonly subject: string;
  readonly sentence: string;
  /** Of broken glass; null of everything else. */
  readonly workflow: string | null;
}

/** Open alerts that nobody was told of. What is unknown is told of as itself. */
export async function untoldAlerts(tx: Tx): Promise<readonly UntoldAlert[]> {
  const text = `select a.id, a.kind, a.subject, a.sentence, g.workflow from alert a
    left join broken_glass g on g.id = a.subject where a.settled_at is null and a.kind <> 'unknown'
    and not exists (select 1 from notice_told t where t.event = 'alert.raised:' || a.id) order by a.raised_at limit 100`;
  return (await tx.query<UntoldAlert>({ name: "notice-alerts", text })).rows;
}

export async function isHeld(tx: Tx, action: string): Promise<boolean> {
  const text = "select 1 from open_action where id = $1 and state = 'held'";
  return (await tx.query({ name: "notice-held", text, values: [action] })).rows.length === 1;
}
