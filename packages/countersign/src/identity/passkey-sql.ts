import type { Tx } from "../db/db.ts";
import type { Passkey } from "./passkey.ts";

const at = (place: number): string => `to_timestamp($${place}::float8 / 1000)`;
const ms = (column: string): string => `(extract(epoch from ${column}) * 1000)::float8`;

type Row = Omit<Passkey, "lastUsedAtMs"> & { readonly lastUsedAtMs: number | null };

const columns = `id, credential, person, name, public_key as "publicKey", jwk, counter::float8 as counter, transports,
  backed_up as "backedUp", vouched_by as "vouchedBy", ${ms("created_at")} as "createdAtMs", ${ms("last_used_at")} as "lastUsedAtMs"`;

function asPasskey(row: Row): Passkey {
  return { ...row, lastUsedAtMs: row.lastUsedAtMs ?? undefined };
}

/** Live passkeys, of one person or of all. */
export async function listPasskeys(tx: Tx, person?: string): Promise<readonly Passkey[]> {
  const { rows } = await tx.query<Row>(
    `select ${columns} from passkey where removed_at is null and ($1::text is null or person = $1) order by created_at, id limit 10000`,
    [person ?? null],
  );
  return rows.map(asPasskey);
}

export async function passkeyByCredential(tx: Tx, credential: string): Promise<Passkey | undefined> {
  const { rows } = await tx.query<Row>(`select ${columns} from passkey where credential = $1 and removed_at is null`, [
    credential,
  ]);
  return rows[0] === undefined ? undefined : asPasskey(rows[0]);
}

export async function passkeyById(tx: Tx, id: string): Promise<Passkey | undefined> {
  const { rows } = await tx.query<Row>(`select ${columns} from passkey where id = $1 and removed_at is null`, [id]);
  return rows[0] === undefined ? undefined : asPasskey(rows[0]);
}

/** False where this authenticator's passkey is known already, whoever's it is. */
export async function insertPasskey(tx: Tx, passkey: Passkey): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into passkey (id, credential, person, name, public_key, jwk, counter, transports, backed_up, vouched_by, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, ${at(11)}) on conflict (credential) do nothing`,
    [
      passkey.id,
      passkey.credential,
      passkey.person,
      passkey.name,
      passkey.publicKey,
      JSON.stringify(passkey.jwk),
      passkey.counter,
      JSON.stringify(passkey.transports),
      passkey.backedUp,
      JSON.stringify(passkey.vouchedBy),
      passkey.createdAtMs,
    ],
  );
  return rowCount === 1;
}

/** False where the passkey was removed, or where its counter did not rise: two devices hold it, or it signed before. */
export async function countUse(tx: Tx, id: string, counter: number, nowMs: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update passkey set counter = $2, last_used_at = ${at(3)}
     where id = $1 and removed_at is null and (counter < $2 or (counter = 0 and $2 = 0))`,
    [id, counter, nowMs],
  );
  return rowCount === 1;
}

export async function removePasskeys(
  tx: Tx,
  which: { readonly id: string } | { readonly person: string },
  nowMs: number,
): Promise<readonly { readonly id: string; readonly person: string; readonly name: string }[]> {
  const column = "id" in which ? "id" : "person";
  const { rows } = await tx.query<{ id: string; person: string; name: string }>(
    `update passkey set removed_at = ${at(2)} where ${column} = $1 and removed_at is null returning id, person, name`,
    ["id" in which ? which.id : which.person, nowMs],
  );
  return rows;
}

export async function putChallenge(tx: Tx, session: string, challenge: string, expiresAtMs: number): Promise<void> {
  await tx.query(
    `insert into passkey_challenge (session, challenge, expires_at) values ($1, $2, ${at(3)})
     on conflict (session) do update set challenge = excluded.challenge, expires_at = excluded.expires_at`,
    [session, challenge, expiresAtMs],
  );
}

/** The challenge that this session was given, once. */
export async function takeChallenge(tx: Tx, session: string, nowMs: number): Promise<string | undefined> {
  const { rows } = await tx.query<{ challenge: string }>(
    `delete from passkey_challenge where session = $1 and expires_at > ${at(2)} returning challenge`,
    [session, nowMs],
  );
  return rows[0]?.challenge;
}
