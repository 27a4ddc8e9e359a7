import type { Tx } from "../db/db.ts";
import { type Window, within } from "./list-sql.ts";
import type { Disclosed } from "./read.ts";
import { type KeyWrap, SubjectKey } from "./seal.ts";
import type { EntryRow } from "./sql.ts";

export interface RunListRow {
  readonly run: string;
  readonly agent: string | null;
  readonly workflow: string | null;
  readonly at: string;
  readonly actions: number;
  readonly has_others: boolean;
  readonly states: Readonly<Record<string, number>>;
}

/** The runs of the newest `limit` actions before `before`, without those that acted after them; `last` where there are older. */
export async function listRuns(
  tx: Tx,
  filter: Window & {
    readonly workflow?: string;
    readonly agent?: string;
    readonly before?: string;
    readonly limit: number;
  },
): Promise<{ readonly rows: readonly RunListRow[]; readonly last: string | null }> {
  const values: unknown[] = [filter.before ?? "act_~", filter.limit];
  const where = ["s.step = 0", "s.subject < $1", "s.subject >= 'act_'", "s.run is not null"];
  for (const column of ["workflow", "agent"] as const) {
    const value = filter[column];
    if (value !== undefined) where.push(`s.${column} = $${values.push(value)}`);
  }
  where.push(...within(filter, "s", values));
  // A run that acted after the window as well stands in it by what it did there.
  const newer = ["n.run = g.run", "n.step = 0", "n.subject >= $1", ...within(filter, "n", values)];
  const found = await tx.query<RunListRow & { oldest: string | null; seen: number }>(
    `with seen as materialized (
       select s.subject, s.run, s.agent, s.workflow, s.at from entry s where ${where.join(" and ")}
       order by s.subject desc limit $2),
     stated as (
       select s.*, (select l.to_state from entry l where l.subject = s.subject order by l.step desc limit 1) as state
       from seen s),
     counted as (select run, state, count(*)::int as n from stated group by run, state),
     grouped as (
       select run, max(agent) as agent, max(workflow) as workflow, max(subject) as newest, min(subject) as first,
         max(at) as at, count(*)::int as actions from stated group by run),
     runs as (
       select g.*, (select jsonb_object_agg(coalesce(c.state, 'none'), c.n) from counted c where c.run = g.run) as states,
         exists (select 1 from entry o where o.run = g.run and o.step = 0 and o.subject < g.first)
         or exists (select 1 from entry o where o.run = g.run and o.step = 0 and o.subject > g.newest) as has_others
       from grouped g
       where not exists (select 1 from entry n where ${newer.join(" and ")}))
     select r.run, r.agent, r.workflow, r.at, r.actions, r.states, r.has_others, page.oldest, page.seen
     from (select min(subject) as oldest, count(*)::int as seen from seen) page left join runs r on true
     order by r.newest desc`,
    values,
  );
  const [first] = found.rows;
  const rows = found.rows.filter((row) => row.run !== null);
  return { rows, last: first?.seen === filter.limit ? first.oldest : null };
}

/** How many of these agents asked for an action since the one with this id. */
export async function agentsSince(tx: Tx, agents: readonly string[], id: string): Promise<number> {
  const text = `select count(*)::int as n from unnest($1::text[]) a (name)
    where exists (select 1 from entry e where e.agent = a.name and e.step = 0 and e.subject >= $2)`;
  return (await tx.query<{ n: number }>(text, [agents, id])).rows[0]?.n ?? 0;
}

/** All entries of these subjects, opened, by subject and step; in one question. */
export async function readSubjects(
  tx: Tx,
  subjects: readonly string[],
  wrap: KeyWrap,
): Promise<ReadonlyMap<string, readonly Disclosed[]>> {
  const text = `select e.*, k.wrapped from entry e left join subject_key k on k.subject = e.subject
    where e.subject = any($1::text[]) order by e.subject, e.step`;
  const { rows } = await tx.query<EntryRow & { wrapped: Buffer | null }>(text, [subjects]);
  const keys = new Map<string, SubjectKey>();
  const found = new Map<string, Disclosed[]>();
  for (const { wrapped, ...entry } of rows) {
    const { subject, step, sealed } = entry;
    if (wrapped !== null && !keys.has(subject)) keys.set(subject, SubjectKey.unwrap(subject, wrapped, wrap));
    const payload = keys.get(subject)?.open(step, sealed) ?? null;
    const entries = found.get(subject) ?? [];
    found.set(subject, entries);
    entries.push({ entry, payload });
  }
  return found;
}

export interface RunSubject {
  readonly subject: string;
  readonly run: string;
  readonly agent: string | null;
  readonly workflow: string | null;
  readonly tool: string | null;
  readonly at: string;
  readonly state: string;
}

/** Actions of these runs after one and before another, newest first; those that did nothing for certain are left out. */
export async function runSubjects(
  tx: Tx,
  runs: readonly string[],
  { after, before }: { readonly after: string; readonly before: string },
  limit: number,
): Promise<readonly RunSubject[]> {
  const text = `select * from (
      select f.subject, f.run, f.agent, f.workflow, f.tool, f.at,
        (select l.to_state from entry l where l.subject = f.subject order by l.step desc limit 1) as state
      from entry f where f.step = 0 and f.run = any($1::text[]) and f.subject > $2 and f.subject < $3) a
    where a.state not in ('refused', 'failed') order by a.subject desc limit $4`;
  return (await tx.query<RunSubject>(text, [runs, after, before, limit])).rows;
}
