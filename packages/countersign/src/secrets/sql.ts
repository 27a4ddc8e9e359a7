import type { Tx } from "../db/db.ts";

export interface SealedRow {
  readonly tenant: string;
  readonly path: string;
  readonly version: number;
  readonly dek_wrapped: Buffer;
  readonly nonce: Buffer;
  readonly ciphertext: Buffer;
}

export async function latestVersion(tx: Tx, tenant: string, path: string): Promise<number> {
  const { rows } = await tx.query<{ version: number | null }>(
    "select max(version) as version from sealed_secret where tenant = $1 and path = $2",
    [tenant, path],
  );
  return rows[0]?.version ?? 0;
}

/** False where another writer took this version first. */
export async function insertSealed(tx: Tx, row: SealedRow, by: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into sealed_secret (tenant, path, version, dek_wrapped, nonce, ciphertext, created_by)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict (tenant, path, version) do nothing`,
    [row.tenant, row.path, row.version, row.dek_wrapped, row.nonce, row.ciphertext, by],
  );
  return rowCount === 1;
}

/** The newest version, unless it was destroyed: an older one never comes back in its place. */
export async function readSealed(tx: Tx, tenant: string, path: string): Promise<SealedRow | undefined> {
  const { rows } = await tx.query<SealedRow & { destroyed_at: Date | null }>(
    `select tenant, path, version, dek_wrapped, nonce, ciphertext, destroyed_at
       from sealed_secret where tenant = $1 and path = $2 order by version desc limit 1`,
    [tenant, path],
  );
  const [row] = rows;
  return row === undefined || row.destroyed_at !== null ? undefined : row;
}

export async function listSealed(
  tx: Tx,
  tenant: string,
): Promise<readonly { path: string; version: number; at: string }[]> {
  const { rows } = await tx.query<{ path: string; version: number; at: string }>(
    `select path, version, at from (
       select distinct on (path) path, version, destroyed_at,
         to_char(created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at
       from sealed_secret where tenant = $1 order by path, version desc) newest
     where destroyed_at is null order by path`,
    [tenant],
  );
  return rows;
}

/** Destroys every version up to one; returns how many. */
export async function destroySealed(tx: Tx, tenant: string, path: string, upTo: number): Promise<number> {
  const { rowCount } = await tx.query(
    `update sealed_secret set dek_wrapped = null, ciphertext = null, destroyed_at = clock_timestamp()
      where tenant = $1 and path = $2 and version <= $3 and destroyed_at is null`,
    [tenant, path, upTo],
  );
  return rowCount;
}

export async function deleteBelow(tx: Tx, tenant: string, path: string, version: number): Promise<void> {
  await tx.query("delete from sealed_secret where tenant = $1 and path = $2 and version < $3", [tenant, path, version]);
}

/** Rows whose data key is not wrapped by the key in force. `wrapped` carries the key's id in its bytes 2 to 5. */
export async function readWrappedByOther(tx: Tx, keyId: string, most: number): Promise<readonly SealedRow[]> {
  const { rows } = await tx.query<SealedRow>(
    `select tenant, path, version, dek_wrapped, nonce, ciphertext from sealed_secret
      where destroyed_at is null and substring(dek_wrapped from 2 for 4) <> decode($1, 'hex')
      order by tenant, path, version limit $2`,
    [keyId, most],
  );
  return rows;
}

export async function countSealedByOther(tx: Tx, keyId: string): Promise<number> {
  const text = `select count(*) as count from sealed_secret
    where destroyed_at is null and substring(dek_wrapped from 2 for 4) <> decode($1, 'hex')`;
  return Number((await tx.query<{ count: number }>(text, [keyId])).rows[0]?.count ?? 0);
}

/** Changes a wrapping only if it is still the one that was read. */
export async function replaceWrapping(tx: Tx, row: SealedRow, wrapped: Buffer): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update sealed_secret set dek_wrapped = $5
      where tenant = $1 and path = $2 and version = $3 and dek_wrapped = $4`,
    [row.tenant, row.path, row.version, row.dek_wrapped, wrapped],
  );
  return rowCount === 1;
}
