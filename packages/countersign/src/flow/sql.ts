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

export async function marksOfFamily(tx: Tx, root: string): Promise<readonly Mark[]> {
  const found = await tx.query<Mark & { readonly [column: string]: unknown }>({
    name: "marks-of-family",
    text: "select kind, label, tool, action from run_mark where root = $1 order by at, tool",
    values: [root],
  });
  return found.rows;
}

/** The same with when each label first came. */
export async function datedMarks(
  tx: Tx,
  root: string,
): Promise<readonly (Pick<Mark, "kind" | "label" | "tool" | "action"> & { readonly at: string })[]> {
  const text = "select kind, label, tool, action, at from run_mark where root = $1 order by at, tool";
  return (await tx.query<Pick<Mark, "kind" | "label" | "tool" | "action"> & { at: string }>(text, [root])).rows;
}

export interface LineRow {
  readonly id: string;
  readonly workflow: string;
  readonly trusted: boolean;
  readonly task: string | null;
  readonly parameters: { readonly [name: string]: unknown } | null;
  readonly [column: string]: unknown;
}

/** A run and the runs that it was opened under, nearest first. */
export async function lineOfRun(tx: Tx, run: string): Promise<readonly LineRow[]> {
  const found = await tx.query<LineRow>({
    name: "line-of-run",
    text: `with recursive line as (
             select r.*, 0 as above from run r where r.id = $1
             union all
             select r.*, l.above + 1 from run r join line l on r.id = l.parent where l.above < 64
           )
           select id, workflow, trusted, task, parameters from line order by above`,
    values: [run],
  });
  return found.rows;
}

/** How many actions of a family are looked at. */
export const mostOfFamily = 2_000;

/** The newest actions of a family above one of them, at most so many, oldest first. */
export async function actionsOfFamily(tx: Tx, root: string, floor: string): Promise<readonly string[]> {
  const found = await tx.query<{ readonly subject: string }>({
    name: "actions-of-family",
    text: `select e.subject from entry e join run r on r.id = e.run
           where r.root = $1 and e.step = 0 and e.subject > $2 and e.subject < 'act_~' order by e.subject desc limit $3`,
    values: [root, floor, mostOfFamily],
  });
  return found.rows.map((row) => row.subject).reverse();
}
