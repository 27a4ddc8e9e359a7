import type { Json } from "@countersign/contract";
import type { Tx } from "../db/db.ts";
import type { PlannedStep } from "./call.ts";

export interface RunRow {
  readonly id: string;
  readonly agent: string;
  readonly workflow: string;
  readonly trusted: boolean;
  readonly task: string | null;
  readonly parent: string | null;
  readonly closed_at: string | null;
  readonly plan: readonly PlannedStep[] | null;
  readonly root: string | null;
  readonly opened_by: string;
  readonly opened_at: string;
  readonly parameters: Json;
}

export async function runRow(tx: Tx, id: string): Promise<RunRow | undefined> {
  return (await tx.query<RunRow>({ name: "run", text: "select * from run where id = $1", values: [id] })).rows[0];
}

/** A run and those that it was opened under, up to the nearest that a person opened; at most 65. */
export async function lineAbove(tx: Tx, run: string): Promise<readonly RunRow[]> {
  const found = await tx.query<RunRow>({
    name: "line-above",
    text: `with recursive line as (
             select r.*, 0 as above from run r where r.id = $1
             union all
             select r.*, l.above + 1 from run r join line l on r.id = l.parent where not l.trusted and l.above < 64
           )
           select * from line order by above`,
    values: [run],
  });
  return found.rows;
}

/** Runs that were opened under this one, at any depth, and this one; at most `most`, or all. */
export async function runsUnder(tx: Tx, run: string, most: number | null): Promise<readonly string[]> {
  const text = `with recursive under as (
      select $1::text as id
      union
      select r.id from run r join under u on r.parent = u.id
    )
    select id from under limit $2`;
  return (await tx.query<{ id: string }>(text, [run, most])).rows.map(({ id }) => id);
}
