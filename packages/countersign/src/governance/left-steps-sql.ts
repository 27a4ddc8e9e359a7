import type { Tx } from "../db/db.ts";
import { order, type StepRow } from "./run-reversal-sql.ts";

/** What was left for this reason. */
export async function leftOutSteps(tx: Tx, reversal: string, why: string): Promise<readonly string[]> {
  const text = "select deed from run_reversal_step where reversal = $1 and state = 'left' and why = $2";
  return (await tx.query<{ deed: string }>(text, [reversal, why])).rows.map(({ deed }) => deed);
}

/** Those of these actions that it does not leave as they are. */
export async function notLeft(tx: Tx, reversal: string, deeds: readonly string[]): Promise<readonly string[]> {
  const text = `select d from unnest($2::text[]) d where not exists (
    select 1 from run_reversal_step s where s.reversal = $1 and s.deed = d and s.state in ('left', 'nothing'))`;
  return (await tx.query<{ d: string }>(text, [reversal, deeds])).rows.map(({ d }) => d);
}

export async function leftSteps(tx: Tx, reversal: string, limit: number) {
  const text = `select s.deed, s.why from run_reversal_step s where s.reversal = $1 and s.state = 'left' order by ${order} limit $2`;
  return (await tx.query<Pick<StepRow, "deed" | "why">>(text, [reversal, limit])).rows;
}
