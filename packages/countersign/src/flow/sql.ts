import type { Tx } from "../db/db.ts";
import type { Mark } from "./mark.ts";

/** Adds what is not there yet: the first action that brought a label stays its source. */
export async function addMarks(tx: Tx, root: string, marks: readonly Mark[]): Promise<void> {
  await tx.query({
    name: "add-marks",
    text: `insert into run_mark (root, kind, label, tool, action)
           select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::text[]) on conflict do nothing`,
    values: [
      root,
      marks.map((mark) => mark.kind),
      marks.map((mark) => mark.label),
      marks.map((mark) => mark.tool),
      marks.map((mark) => mark.action),
    ],
  });
}

/** The marks of a family with when each label first came. */
export async function datedMarks(
  tx: Tx,
  root: string,
): Promise<readonly (Pick<Mark, "kind" | "label" | "tool" | "action"> & { readonly at: string })[]> {
  const text = "select kind, label, tool, action, at from run_mark where root = $1 order by at, tool";
  return (await tx.query<Pick<Mark, "kind" | "label" | "tool" | "action"> & { at: string }>(text, [root])).rows;
}

/** A run, or one that it was opened under. */
export interface LineRow {
  readonly id: string;
  readonly workflow: string;
  readonly trusted: boolean;
  readonly task: string | null;
  readonly parameters: { readonly [name: string]: unknown } | null;
}

/** What stands of a family at one moment. */
export interface FamilyRow {
  /** In the order in which they came. */
  readonly marks: readonly Mark[];
  /** The run and those that it was opened under, nearest first. */
  readonly line: readonly LineRow[];
  /** How many of its actions are above the one and not above the other, up to `mostOfFamily` of each run. */
  readonly between: number;
  /** The newest above the other, at most `mostOfFamily`, oldest first. */
  readonly actions: readonly string[];
  readonly [column: string]: unknown;
}

/** How many actions of a family are looked at. */
export const mostOfFamily = 2_000;

/** In one statement, as it is made for nearly every call. */
export async function familyNow(
  tx: Tx,
  root: string,
  run: string,
  [above, last]: readonly [above: string, last: string],
): Promise<FamilyRow> {
  // Each run's own index is walked, whatever the planner knew of the tables when it planned this.
  const found = await tx.query<FamilyRow>({
    name: "family-now",
    text: `with recursive line as (
             select r.*, 0 as above from run r where r.id = $2
             union all
             select r.*, l.above + 1 from run r join line l on r.id = l.parent where l.above < 64
           )
           select
             (select coalesce(json_agg(json_build_object('kind', kind, 'label', label, 'tool', tool, 'action', action)
               order by at, tool), '[]') from run_mark where root = $1) as marks,
             (select coalesce(json_agg(json_build_object('id', id, 'workflow', workflow, 'trusted', trusted, 'task', task,
               'parameters', parameters) order by above), '[]') from line) as line,
             (select count(*)::int from run r cross join lateral (
               select from entry e where e.run = r.id and e.step = 0 and e.subject > $3 and e.subject <= $4 limit $5
             ) known where r.root = $1) as between,
             array(select subject from (
               select s.subject from run r cross join lateral (
                 select e.subject from entry e where e.run = r.id and e.step = 0 and e.subject > $4 and e.subject < 'act_~'
                 order by e.subject desc limit $5
               ) s where r.root = $1 order by s.subject desc limit $5
             ) newest order by subject) as actions`,
    values: [root, run, above, last, mostOfFamily],
  });
  return found.rows[0] as FamilyRow;
}
