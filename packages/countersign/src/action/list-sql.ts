import type { Tx } from "../db/db.ts";
import type { Span } from "../ledger/list-sql.ts";

/** Actions of a tool that were erased, among so many erased ones, newest first; and where that left off. */
export async function erasedOf(
  tx: Tx,
  tool: string,
  { from, before }: Span,
  limit: number,
): Promise<{ readonly subjects: readonly string[]; readonly downTo: string | null }> {
  const text = `with gone as materialized (
      select subject from erasure where subject >= $1 and subject < $2 order by subject desc limit $3)
    select g.subject, f.tool = $4 as fits from gone g join entry f on f.subject = g.subject and f.step = 0
    order by g.subject desc`;
  const { rows } = await tx.query<{ subject: string; fits: boolean }>(text, [from, before, limit, tool]);
  const subjects = rows.filter(({ fits }) => fits).map(({ subject }) => subject);
  return { subjects, downTo: rows.length < limit ? null : (rows.at(-1)?.subject ?? null) };
}

/** Actions that wait or are on their way: those that are kept as open, and intents that no later entry has settled. */
export async function underWay(tx: Tx, { from, before }: Span): Promise<readonly string[]> {
  const text = `select id collate "C" as subject from open_action where id collate "C" >= $1 and id collate "C" < $2
    union select e.subject from writer_lease l
      join entry e on e.writer = l.writer and e.seq >= l.settled_seq and e.to_state = 'running'
      where e.subject >= $1 and e.subject < $2
        and not exists (select 1 from entry n where n.subject = e.subject and n.step = e.step + 1)
    order by subject desc`;
  return (await tx.query<{ subject: string }>(text, [from, before])).rows.map(({ subject }) => subject);
}
