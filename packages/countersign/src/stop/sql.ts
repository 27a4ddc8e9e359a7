import type { Tx } from "../db/db.ts";
import type { Stop, StopScope } from "./stop.ts";

interface StopRow {
  readonly id: string;
  readonly scope: StopScope;
  readonly name: string;
  readonly reason: string;
  readonly taken_by: string;
  readonly vouched_by: readonly string[];
  readonly taken_at: string;
  readonly until: string | null;
  readonly lifted_by: readonly string[];
  readonly lifted_at: string | null;
  readonly voids: boolean;
}

export async function insertStop(tx: Tx, stop: Stop, voids: boolean, deed: string): Promise<void> {
  const text = `insert into stop (id, scope, name, reason, taken_by, until, voids, vouched_by, deed)
    values ($1,$2,$3,$4,$5,$6,$7,$8,$9)`;
  await tx.query(text, [
    stop.id,
    stop.scope,
    stop.name,
    stop.reason,
    stop.by,
    stop.untilMs === null ? null : new Date(stop.untilMs).toISOString(),
    voids,
    JSON.stringify(stop.vouchedBy),
    deed,
  ]);
}

/** Ledger subject of the deed by which this stop was taken; undefined where that was not noted. */
export async function deedOfStop(tx: Tx, id: string): Promise<string | undefined> {
  const { rows } = await tx.query<{ deed: string | null }>("select deed from stop where id = $1", [id]);
  return rows[0]?.deed ?? undefined;
}

export async function stopsInForce(tx: Tx): Promise<readonly Stop[]> {
  const text =
    "select * from stop where lifted_at is null and (until is null or until > clock_timestamp()) order by taken_at";
  return (await tx.query<StopRow>(text)).rows.map(stopOf);
}

export async function listStops(
  tx: Tx,
  limit: number,
): Promise<readonly (Stop & { readonly liftedAt: string | null; readonly liftedBy: readonly string[] })[]> {
  const { rows } = await tx.query<StopRow>("select * from stop order by taken_at desc limit $1", [limit]);
  return rows.map((row) => ({ ...stopOf(row), liftedAt: row.lifted_at, liftedBy: row.lifted_by }));
}

/** One stop with all that is noted of it, lifted or not. */
export async function readStopRow(
  tx: Tx,
  id: string,
): Promise<
  | (Stop & { readonly liftedAt: string | null; readonly liftedBy: readonly string[]; readonly voids: boolean })
  | undefined
> {
  const row = (await tx.query<StopRow>("select * from stop where id = $1", [id])).rows[0];
  if (row === undefined) return undefined;
  return { ...stopOf(row), liftedAt: row.lifted_at, liftedBy: row.lifted_by, voids: row.voids };
}

export async function lockStop(tx: Tx, id: string): Promise<(Stop & { readonly voids: boolean }) | undefined> {
  const { rows } = await tx.query<StopRow>("select * from stop where id = $1 and lifted_at is null for update", [id]);
  const row = rows[0];
  return row === undefined ? undefined : { ...stopOf(row), voids: row.voids };
}

export async function markLifted(tx: Tx, id: string, by: readonly string[]): Promise<void> {
  await tx.query("update stop set lifted_at = clock_timestamp(), lifted_by = $2 where id = $1", [
    id,
    JSON.stringify(by),
  ]);
}

function stopOf(row: StopRow): Stop {
  return {
    id: row.id,
    scope: row.scope,
    name: row.name,
    reason: row.reason,
    by: row.taken_by,
    vouchedBy: row.vouched_by,
    takenAt: row.taken_at,
    untilMs: row.until === null ? null : Date.parse(row.until),
  };
}

/** The last stop that held for this and ended within the time. */
export async function stoppedBefore(
  tx: Tx,
  about: { readonly agent: string; readonly workflow: string; readonly tool: string; readonly system: string },
  withinMs: number,
): Promise<{ readonly by: string; readonly reason: string } | undefined> {
  const server = about.tool.slice(0, Math.max(0, about.tool.indexOf(".")));
  const text = `select taken_by as by, reason from stop
    where coalesce(lifted_at, until) between clock_timestamp() - $5::double precision * interval '1 millisecond' and clock_timestamp()
      and (scope = 'everything' or (scope = 'agent' and name = $1) or (scope = 'workflow' and name = $2)
        or (scope = 'tool' and name in ($3, $6)) or (scope = 'system' and name = $4))
    order by coalesce(lifted_at, until) desc limit 1`;
  const { agent, workflow, tool, system } = about;
  const { rows } = await tx.query<{ by: string; reason: string }>(text, [
    agent,
    workflow,
    tool,
    system,
    withinMs,
    server,
  ]);
  return rows[0];
}
