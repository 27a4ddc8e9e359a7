import type { Tx } from "../db/db.ts";
import type { Window } from "./budget.ts";

/** Takes up to `want` from the window, never past its limit; how many were had. */
export async function takeBlock(tx: Tx, window: Window, want: number): Promise<number> {
  const starts = new Date(window.startsMs).toISOString();
  await tx.query({
    name: "budget-open",
    text: "insert into budget_window (scope, starts_at, taken) values ($1, $2, 0) on conflict do nothing",
    values: [window.scope, starts],
  });
  const result = await tx.query<{ had: number }>({
    name: "budget-take",
    text: `update budget_window b set taken = greatest(o.taken, least($3::bigint, o.taken + $4::bigint))
      from (select taken from budget_window where scope = $1 and starts_at = $2 for update) o
      where b.scope = $1 and b.starts_at = $2 returning (b.taken - o.taken)::int as had`,
    values: [window.scope, starts, window.limit, want],
  });
  return result.rows[0]?.had ?? 0;
}

export async function dropOldWindows(tx: Tx): Promise<void> {
  await tx.query(
    "delete from budget_window where starts_at > 'epoch' and starts_at < clock_timestamp() - interval '3 days'",
  );
}
