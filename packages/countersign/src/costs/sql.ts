import type { Tx } from "../db/db.ts";
import type { Window } from "./budget.ts";
import type { WindowLook, WindowSeen, WindowUse } from "./window-use.ts";

/** Takes up to `want` from the window, never more than a fiftieth of what is left of it (but one); how many were had. */
export async function takeBlock(tx: Tx, window: Window, want: number): Promise<number> {
  const starts = new Date(window.startsMs).toISOString();
  await tx.query({
    name: "budget-open",
    text: "insert into budget_window (scope, starts_at, taken) values ($1, $2, 0) on conflict do nothing",
    values: [window.scope, starts],
  });
  const result = await tx.query<{ had: number }>({
    name: "budget-take",
    text: `update budget_window b set taken = greatest(o.taken, least($3::bigint, o.taken + least($4::bigint, greatest(1, ($3::bigint - o.taken) / 50))))
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

/** What is in each window now, in flight included, in the order of the question. */
export async function lookWindows(tx: Tx, looks: readonly WindowLook[]): Promise<readonly WindowSeen[]> {
  const { rows } = await tx.query<WindowSeen>({
    name: "window-look",
    text: `select coalesce(u.calls, 0)::int8 as calls, coalesce(u.sum, 0)::int8 as sum
      from unnest($1::text[], $2::double precision[], $3::text[]) with ordinality k (key, within_ms, since_key, place)
      left join lateral (select count(*) as calls, sum(amount) as sum from window_use w
        where w.window_key = k.key and w.counted
          and (k.within_ms is null or w.at > clock_timestamp() - k.within_ms * interval '1 millisecond')
          and not exists (select from window_use s
            where s.window_key = k.since_key and s.counted and s.at >= w.at and s.action <> w.action)) u on true
      order by k.place`,
    values: [
      looks.map(({ key }) => key),
      looks.map(({ withinMs }) => withinMs ?? null),
      looks.map(({ sinceKey }) => sinceKey ?? null),
    ],
  });
  return rows;
}

/** From here to the end of the transaction nobody else takes of these windows. */
export async function lockWindows(tx: Tx, keys: readonly string[]): Promise<void> {
  for (const key of [...new Set(keys)].sort())
    await tx.query({
      name: "window-lock",
      text: "select pg_advisory_xact_lock(hashtextextended($1, 24))",
      values: [key],
    });
}

export async function takeWindows(tx: Tx, action: string, uses: readonly WindowUse[]): Promise<void> {
  await tx.query({
    name: "window-take",
    text: `insert into window_use (window_key, action, amount, counted, expires_at)
      select u.key, $1, u.amount, u.counted, clock_timestamp() + u.for_ms * interval '1 millisecond'
      from unnest($2::text[], $3::int8[], $4::boolean[], $5::double precision[]) u (key, amount, counted, for_ms)
      -- What is looked at for ever is kept once.
      where u.for_ms is not null or not exists (
        select 1 from window_use w where w.window_key = u.key and w.counted)
      on conflict do nothing`,
    values: [
      action,
      uses.map(({ key }) => key),
      uses.map(({ amount }) => amount),
      uses.map(({ counted }) => counted),
      uses.map(({ forMs }) => forMs ?? null),
    ],
  });
}

/** A call ended: what counts only when done counts now, or never; what certainly did not happen gives all of it back. */
export async function settleWindows(tx: Tx, action: string, ended: "done" | "error" | "failed"): Promise<void> {
  if (ended === "done")
    await tx.query("update window_use set counted = true where action = $1 and not counted", [action]);
  else await tx.query("delete from window_use where action = $1 and (not counted or $2)", [action, ended === "failed"]);
}

/** What an action took, as if it had been told at once what became of it: as old as its call, whatever was given back since. */
export async function recountWindows(
  tx: Tx,
  action: string,
  uses: readonly WindowUse[],
  sentAt: string,
): Promise<void> {
  await tx.query("delete from window_use where action = $1", [action]);
  if (uses.length === 0) return;
  await tx.query(
    `insert into window_use (window_key, action, at, amount, counted, expires_at)
      select u.key, $1, $2::timestamptz, u.amount, true, $2::timestamptz + u.for_ms * interval '1 millisecond'
      from unnest($3::text[], $4::int8[], $5::double precision[]) u (key, amount, for_ms)
      where u.for_ms is not null or not exists (
        select 1 from window_use w where w.window_key = u.key and w.counted)`,
    [
      action,
      sentAt,
      uses.map(({ key }) => key),
      uses.map(({ amount }) => amount),
      uses.map(({ forMs }) => forMs ?? null),
    ],
  );
}

/** Actions whose content is gone: what no window counts any more goes too, and the rest counts on under no action's name. */
export async function forgetUses(tx: Tx, actions: readonly string[]): Promise<void> {
  await tx.query(
    "delete from window_use where action = any($1::text[]) and (not counted or expires_at < clock_timestamp())",
    [actions],
  );
  // What one call took stays under one name: no call ends its own window.
  await tx.query(
    `with blank as materialized (select action, 'erased:' || gen_random_uuid() as name from unnest($1::text[]) action)
      update window_use w set action = blank.name from blank where w.action = blank.action`,
    [actions],
  );
}

export async function dropOldUses(tx: Tx): Promise<void> {
  await tx.query("delete from window_use where expires_at < clock_timestamp()");
}
