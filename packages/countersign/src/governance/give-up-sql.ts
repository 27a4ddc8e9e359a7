import type { Tx } from "../db/db.ts";
import { Problem } from "../floor/problem.ts";
import type { ReversalRow, StepRow } from "./run-reversal-sql.ts";

type Fenced = Pick<ReversalRow, "id" | "fence">;

/**
 * Takes it from whoever goes on with it, as it was asked for by this deed; undefined where that is over. Who gives it up
 * at once with somebody else has the same fence: the first one's is the deed.
 */
export async function takeToGiveUp(
  tx: Tx,
  { id, deed }: Pick<ReversalRow, "id" | "deed">,
  writer: string,
  leaseMs: number,
): Promise<ReversalRow | undefined> {
  const text = `update run_reversal set fence = fence + case when giving_up then 0 else 1 end, giving_up = true,
      claimed_by = $3, lease_until = clock_timestamp() + $4 * interval '1 millisecond'
    where id = $1 and deed = $2 and state in ('going', 'stopped') returning *`;
  return (await tx.query<ReversalRow>(text, [id, deed, writer, leaseMs])).rows[0];
}

/** Of a step `s`: its undo, where that was asked for and not only noted. */
const begunUndo = "case when exists (select 1 from entry u where u.subject = s.undo) then s.undo end";

/** Workflows of what it has still to undo. */
export async function workflowsLeft(tx: Tx, reversal: string): Promise<readonly (string | null)[]> {
  const text = `select distinct e.workflow from run_reversal_step s join entry e on e.subject = s.deed and e.step = 0
    where s.reversal = $1 and s.state = 'waiting' order by 1`;
  return (await tx.query<{ workflow: string | null }>(text, [reversal])).rows.map(({ workflow }) => workflow);
}

/** What ended since it was looked at last. */
export async function settleSteps(tx: Tx, { id, fence }: Fenced): Promise<void> {
  const text = `update run_reversal_step s set state = case n.last when 'reversed' then 'done' else 'nothing' end, undo = ${begunUndo}
    from run_reversal r, lateral (select w.deed, (select to_state from entry e where e.subject = w.deed order by e.step desc limit 1) as last
      from run_reversal_step w where w.reversal = r.id and w.state = 'waiting') n
    where r.id = $1 and r.fence = $2 and s.reversal = r.id and s.deed = n.deed and n.last in ('reversed', 'refused', 'failed')`;
  await tx.query(text, [id, fence]);
}

/** Steps whose undo was asked for, or was about to be. */
export async function begunSteps(tx: Tx, reversal: string) {
  const text = `select deed, undo, undo_alone as "isAlone" from run_reversal_step
    where reversal = $1 and state = 'waiting' and undo is not null order by sent_at desc, deed desc`;
  return (await tx.query<{ deed: string; undo: string; isAlone: boolean }>(text, [reversal])).rows;
}

/** As it is once whoever writes it now has. */
export async function writtenReversal(tx: Tx, id: string): Promise<ReversalRow | undefined> {
  return (await tx.query<ReversalRow>("select * from run_reversal where id = $1 for share", [id])).rows[0];
}

/** INVARIANT: under the fence and in the deed's transaction, so that what was seen of its undos is how they stand. */
export async function giveUp(
  tx: Tx,
  { id, fence }: Fenced,
  by: string,
  about: string | null,
  whys: readonly Pick<StepRow, "deed" | "why">[],
  why: string,
): Promise<void> {
  const { rowCount } = await tx.query(
    `update run_reversal set state = 'given-up', ended_at = clock_timestamp(), given_up_by = $3, giving_up = false,
       claimed_by = null, lease_until = null, because = null, told = null, about = $4
     where id = $1 and fence = $2 and giving_up and state in ('going', 'stopped')`,
    [id, fence, by, about],
  );
  if (rowCount === 0) throw new Problem("conflict", "somebody else was faster", { help: "look how far it is" });
  await tx.query(
    `update run_reversal_step s set state = 'left', why = coalesce(n.why, $4),
       undo = ${begunUndo}
     from run_reversal_step w left join unnest($2::text[], $3::text[]) n (deed, why) on n.deed = w.deed
     where w.reversal = $1 and w.state = 'waiting' and s.reversal = w.reversal and s.deed = w.deed`,
    [id, whys.map(({ deed }) => deed), whys.map((one) => one.why), why],
  );
  await tx.query("delete from run_reversing where reversal = $1", [id]);
}
