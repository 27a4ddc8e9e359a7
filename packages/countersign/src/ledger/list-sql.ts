import type { Tx } from "../db/db.ts";
import { firstIdAt } from "../floor/id.ts";
import { clocksApartMs } from "./replay-sql.ts";

/** When an action was asked for, as RFC 3339 writes it: from then on, and before then. */
export interface Window {
  readonly since?: string;
  readonly until?: string;
}

export interface ListFilter extends Window {
  readonly workflow?: string;
  readonly agent?: string;
  readonly run?: string;
  readonly tool?: string;
  readonly before?: string;
  readonly limit: number;
}

export interface ListRow {
  readonly subject: string;
  readonly agent: string;
  readonly workflow: string;
  readonly tool: string;
  readonly run: string;
  readonly at: string;
  readonly state: string;
}

/** Conditions on a first entry; each value is put behind `values`. The ids only spare walking further: the moment decides. */
export function within({ since, until }: Window, entry: string, values: unknown[]): readonly string[] {
  const where: string[] = [];
  const id = (at: string, apartMs: number): string => firstIdAt("act", Date.parse(at) + apartMs);
  if (since !== undefined)
    where.push(
      `${entry}.subject >= $${values.push(id(since, -clocksApartMs))}`,
      `${entry}.at >= $${values.push(since)}::timestamptz`,
    );
  if (until !== undefined)
    where.push(
      `${entry}.subject < $${values.push(id(until, clocksApartMs))}`,
      `${entry}.at < $${values.push(until)}::timestamptz`,
    );
  return where;
}

function named(filter: Omit<ListFilter, "limit" | "before">, values: unknown[]): readonly string[] {
  const names = (["workflow", "agent", "run", "tool"] as const).flatMap((column) => {
    const value = filter[column];
    return value === undefined ? [] : [`f.${column} = $${values.push(value)}`];
  });
  return [...names, ...within(filter, "f", values)];
}

const columns = `f.subject, f.agent, f.workflow, f.tool, f.run, f.at,
  (select l.to_state from entry l where l.subject = f.subject order by l.step desc limit 1) as state`;

/** First and last entry of each action, newest first. */
export async function listActions(tx: Tx, filter: Omit<ListFilter, "tool">): Promise<readonly ListRow[]> {
  const values: unknown[] = [filter.before ?? "act_~", filter.limit];
  const where = ["f.step = 0", "f.subject < $1", "f.subject >= 'act_'", ...named(filter, values)];
  const text = `select ${columns} from entry f where ${where.join(" and ")} order by f.subject desc limit $2`;
  return (await tx.query<ListRow>(text, values)).rows;
}

/** The same of these actions, those of them that fit. */
export async function listThese(
  tx: Tx,
  subjects: readonly string[],
  filter: Omit<ListFilter, "limit" | "before">,
): Promise<readonly ListRow[]> {
  const values: unknown[] = [subjects];
  const where = ["f.step = 0", "f.subject = any($1::text[])", ...named(filter, values)];
  const text = `select ${columns} from entry f where ${where.join(" and ")} order by f.subject desc`;
  return (await tx.query<ListRow>(text, values)).rows;
}

/** States that few actions come to; an index leads to whoever was ever in one. */
export const rareStates = ["held", "failed", "refused", "unknown", "reversed"] as const;
export type RareState = (typeof rareStates)[number];

/** A part of the order of ids: from one on, and before another. */
export interface Span {
  readonly from: string;
  readonly before: string;
}

/** Later than every action. */
const last = `act_7${"z".repeat(25)}`;

export function spanOf({ since, until }: Window, before = last): Span {
  const end = until === undefined ? before : firstIdAt("act", Date.parse(until) + clocksApartMs);
  const isCut = end < before;
  return {
    from: since === undefined ? "act_" : firstIdAt("act", Date.parse(since) - clocksApartMs),
    before: isCut ? end : before,
  };
}

/** Actions that were in a rare state at some time, newest first. */
export async function everIn(
  tx: Tx,
  state: RareState,
  { from, before }: Span,
  limit: number,
): Promise<readonly string[]> {
  // The state stands in the text: only then the index, which has these states alone, is known to have them all.
  const text = `select distinct subject from entry
    where to_state = '${state}' and subject >= $1 and subject < $2 order by subject desc limit $3`;
  return (await tx.query<{ subject: string }>(text, [from, before, limit])).rows.map(({ subject }) => subject);
}

/** Actions of a tool whose first entry comes after these numbers of its writer. */
export async function firstEntriesAfter(
  tx: Tx,
  heads: readonly { readonly writer: string; readonly seq: number }[],
  tool: string,
  { from, before }: Span,
): Promise<readonly string[]> {
  const text = `select e.subject from unnest($1::text[], $2::bigint[]) as h (writer, seq)
    join entry e on e.writer = h.writer and e.seq > h.seq
    where e.step = 0 and e.tool = $3 and e.subject >= $4 and e.subject < $5 order by e.subject desc`;
  const values = [heads.map(({ writer }) => writer), heads.map(({ seq }) => seq), tool, from, before];
  return (await tx.query<{ subject: string }>(text, values)).rows.map(({ subject }) => subject);
}
