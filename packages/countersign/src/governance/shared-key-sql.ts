import type { Tx } from "../db/db.ts";

/** A key of an agent about which an alert may be open. */
export interface SharedKeyRow {
  readonly id: string;
  readonly agent: string;
  readonly environment: string | null;
  readonly live: boolean;
}

/**
 * Those of these credentials that are keys of agents, and those that an open alert is about, live or not. A workload
 * identity is none: its jobs run in many places at once, and an alert about one has ended.
 */
export async function sharedKeys(
  tx: Tx,
  kind: string,
  credentials: readonly string[],
): Promise<readonly SharedKeyRow[]> {
  const text = `select c.id, c.subject as agent, c.environment,
      c.kind in ('agent_key', 'agent_jwk') and c.revoked_at is null and c.expires_at > clock_timestamp() as live
    from credential c where (c.kind in ('agent_key', 'agent_jwk') and c.id = any($2::text[]))
      or c.id in (select subject from alert where kind = $1 and settled_at is null)`;
  return (await tx.query<SharedKeyRow & { readonly [column: string]: unknown }>(text, [kind, credentials])).rows;
}

/**
 * Those whose use nobody has looked at yet: no alert about them was ever settled, or somebody uses them whom nobody had
 * seen by then.
 */
export async function unexplained(tx: Tx, kind: string, credentials: readonly string[]): Promise<readonly string[]> {
  const text = `select c.id from unnest($2::text[]) as c (id)
      left join lateral (select max(settled_at) as at from alert where kind = $1 and subject = c.id) looked on true
    where looked.at is null or exists (
      select 1 from credential_sighting s where s.credential = c.id and s.first_at > looked.at and not exists (
        select 1 from credential_sighting b where b.credential = c.id and b.client = s.client and b.address = s.address
          and b.first_at <= looked.at))`;
  return (await tx.query<{ id: string }>(text, [kind, credentials])).rows.map(({ id }) => id);
}
