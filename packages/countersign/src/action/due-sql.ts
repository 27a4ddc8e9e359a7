import type { Tx } from "../db/db.ts";
import { isFree } from "./claim-sql.ts";

/** Held actions whose time has come, and ready ones that nobody runs. */
export async function dueOpen(tx: Tx, limit: number): Promise<readonly string[]> {
  const result = await tx.query<{ id: string }>(
    `select id from open_action where frozen_by is null and ${isFree}
       and (state = 'ready' or (state = 'held' and (look_at <= clock_timestamp() or expires_at <= clock_timestamp()
           or claimed_by is not null)))
     order by opened_at limit $1`,
    [limit],
  );
  return result.rows.map((row) => row.id);
}

/** Freezes one open action under a stop that is in force; false where there is no such stop. Its claim is given back. */
export async function freezeOne(tx: Tx, id: string, stop: string): Promise<boolean> {
  const text = `update open_action set frozen_by = $2, claimed_by = null, lease_until = null,
      frozen_at = case when frozen_by is null then clock_timestamp() else frozen_at end where id = $1
    and exists (select 1 from stop s where s.id = $2 and s.lifted_at is null and (s.until is null or s.until > clock_timestamp()))`;
  return (await tx.query(text, [id, stop])).rowCount === 1;
}

/**
 * Lets go of what no stop in force freezes any more, because it was lifted or its time is over. Ids of what is free.
 * Nobody could answer meanwhile, so there is as much time to answer as there was when it was frozen.
 */
export async function thawOpen(tx: Tx): Promise<readonly string[]> {
  const inForce = "s.lifted_at is null and (s.until is null or s.until > clock_timestamp())";
  const { rows } = await tx.query<{ id: string; frozen_by: string | null }>(
    `update open_action o set frozen_by = f.next,
       frozen_at = case when f.next is null then null else f.since end,
       expires_at = case when f.next is null then o.expires_at + (clock_timestamp() - f.since) else o.expires_at end,
       look_at = case when f.next is null then clock_timestamp() else o.look_at end
     from (
       select q.id, (
         select s.id from stop s where ${inForce} and (s.scope = 'everything' or (s.scope = 'agent' and s.name = q.agent)
           or (s.scope = 'workflow' and s.name = q.workflow) or (s.scope = 'system' and s.name = q.system)
           or (s.scope = 'tool' and s.name in (q.server, q.server || '.' || q.tool)))
         order by s.taken_at limit 1) as next,
         -- A version before, or a restore, did not note since when.
         coalesce(q.frozen_at, (select greatest(s.taken_at, q.opened_at) from stop s where s.id = q.frozen_by),
           clock_timestamp()) as since
       from open_action q where q.frozen_by is not null
         and not exists (select 1 from stop s where s.id = q.frozen_by and ${inForce}) for update of q
     ) f where o.id = f.id returning o.id, o.frozen_by`,
  );
  return rows.flatMap((row) => (row.frozen_by === null ? [row.id] : []));
}

/** What this agent, or any that acts for this person, has held is decided again soon: a key of theirs was revoked. */
export async function lookAtHeld(
  tx: Tx,
  of: { readonly agent: string } | { readonly onBehalfOf: string },
): Promise<void> {
  const [column, name] = "agent" in of ? ["agent", of.agent] : ["on_behalf_of", of.onBehalfOf];
  await tx.query(`update open_action set look_at = clock_timestamp() where state = 'held' and ${column} = $1`, [name]);
}

/** Unknowns whose time to be looked up has come. */
export async function dueUnknown(tx: Tx, limit: number): Promise<readonly string[]> {
  const text = `select id from open_action where state = 'unknown' and (look_at is null or look_at <= clock_timestamp())
    order by look_at nulls first limit $1`;
  return (await tx.query<{ id: string }>(text, [limit])).rows.map((row) => row.id);
}

export async function lookAgain(tx: Tx, id: string, inMs: number): Promise<void> {
  const text = `update open_action set look_at = clock_timestamp() + $2::double precision * interval '1 millisecond'
    where id = $1 and state = 'unknown'`;
  await tx.query(text, [id, inMs]);
}
