import type { JsonObject } from "@countersign/contract";
import type { Tx } from "../../db/db.ts";
import type { SessionRow } from "./session.ts";
import { isLegacyVersion } from "./wire.ts";

interface Row {
  readonly id: string;
  readonly endpoint: string;
  readonly agent: string;
  readonly workflow: string;
  readonly credential: string;
  readonly version: string;
  readonly capabilities: JsonObject;
  readonly client: JsonObject;
  readonly on_behalf_of: string;
  readonly expires_ms: string;
}

export async function insertSession(tx: Tx, row: SessionRow): Promise<void> {
  await tx.query(
    `insert into mcp_session (id, endpoint, agent, workflow, credential, version, capabilities, client, expires_at, on_behalf_of)
     values ($1, $2, $3, $4, $5, $6, $7, $8, to_timestamp($9::double precision / 1000), $10)`,
    [
      row.id,
      row.endpoint,
      row.agent,
      row.workflow,
      row.credential,
      row.version,
      JSON.stringify(row.capabilities),
      JSON.stringify(row.client),
      row.expiresAtMs,
      row.onBehalfOf ?? "",
    ],
  );
}

export async function selectSession(tx: Tx, id: string, nowMs: number): Promise<SessionRow | undefined> {
  const { rows } = await tx.query<Row>(
    `select id, endpoint, agent, workflow, credential, version, capabilities, client, on_behalf_of,
            floor(extract(epoch from expires_at) * 1000)::bigint::text AS expires_ms
       from mcp_session
      where id = $1 and expires_at > to_timestamp($2::double precision / 1000)`,
    [id, nowMs],
  );
  const row = rows[0];
  if (row === undefined || !isLegacyVersion(row.version)) return undefined;
  const { expires_ms, on_behalf_of, version: _, ...rest } = row;
  const behalf = on_behalf_of === "" ? {} : { onBehalfOf: on_behalf_of };
  return { ...rest, ...behalf, version: row.version, expiresAtMs: Number(expires_ms) };
}

export async function extendSession(tx: Tx, id: string, expiresAtMs: number): Promise<void> {
  await tx.query(
    `update mcp_session set expires_at = greatest(expires_at, to_timestamp($2::double precision / 1000)) where id = $1`,
    [id, expiresAtMs],
  );
}

/** Ends a session, and with it takes away what has long expired. */
export async function deleteSession(tx: Tx, id: string): Promise<void> {
  await tx.query(`delete from mcp_session where id = $1 or expires_at < now() - interval '1 day'`, [id]);
}
