import type { Tx } from "../db/db.ts";

/** What a call that ran already takes of a window. */
export interface PastUse {
  readonly key: string;
  readonly action: string;
  /** When its intent was written. */
  readonly atMs: number;
  readonly amount: number;
  readonly forMs: number;
}

/**
 * Writes what past calls take of windows. Of `windows`, which were counted anew as a whole, nothing else stays but what was
 * kept of calls whose content is gone, and nothing of calls that failed.
 */
export async function fillWindows(
  tx: Tx,
  {
    windows,
    uses,
    failed,
  }: {
    readonly windows: readonly string[];
    readonly uses: readonly PastUse[];
    readonly failed: readonly string[];
  },
): Promise<void> {
  if (windows.length > 0)
    await tx.query(
      `delete from window_use w using unnest($1::text[]) name
        where (w.window_key = name or starts_with(w.window_key, name || '|')) and w.action not like 'erased:%'`,
      [windows],
    );
  // One that was read as on its way, and ended before its row was there.
  if (failed.length > 0) await tx.query("delete from window_use where action = any($1::text[])", [failed]);
  if (uses.length === 0) return;
  await tx.query(
    `insert into window_use (window_key, action, at, amount, counted, expires_at)
      select u.key, u.action, to_timestamp(u.at_ms / 1000), u.amount, true, to_timestamp((u.at_ms + u.for_ms) / 1000)
      from unnest($1::text[], $2::text[], $3::double precision[], $4::int8[], $5::double precision[]) u (key, action, at_ms, amount, for_ms)
      on conflict (window_key, action) do update set amount = excluded.amount, expires_at = excluded.expires_at`,
    [
      uses.map(({ key }) => key),
      uses.map(({ action }) => action),
      uses.map(({ atMs }) => atMs),
      uses.map(({ amount }) => amount),
      uses.map(({ forMs }) => forMs),
    ],
  );
}
