import type { Tx } from "../db/db.ts";
import type { Connection, Holder } from "./connection.ts";
import type { Consent } from "./consent.ts";

const connectionColumns = `id, server, workflow, person, issuer, client_id as "clientId", resource, scope,
  connected_by as "connectedBy", connected_at as "connectedAt", token_until as "tokenUntil", renewable,
  renewed_at as "renewedAt", version, lapsed_because as "lapsedBecause"`;

export async function selectConnection(tx: Tx, id: string): Promise<Connection | undefined> {
  return (await tx.query<Connection>(`select ${connectionColumns} from connection where id = $1`, [id])).rows[0];
}

export async function connectionOf(tx: Tx, server: string, holder: Holder): Promise<Connection | undefined> {
  const column = "workflow" in holder ? "workflow" : "person";
  const text = `select ${connectionColumns} from connection where server = $1 and ${column} = $2`;
  return (await tx.query<Connection>(text, [server, "workflow" in holder ? holder.workflow : holder.person])).rows[0];
}

/** Those that were made last and work, for what the plane itself asks of a server. */
export async function newestConnections(tx: Tx, server: string, isPersonal: boolean): Promise<readonly Connection[]> {
  const text = `select ${connectionColumns} from connection
    where server = $1 and lapsed_at is null and (person is not null) = $2 order by connected_at desc, id desc limit 20`;
  return (await tx.query<Connection>(text, [server, isPersonal])).rows;
}

/** By server, which connections there are that work: another text where one was made, replaced or has gone. */
export async function liveConnections(tx: Tx): Promise<Map<string, string>> {
  const text = `select server, string_agg(id, ' ' order by id) as ids from connection
    where lapsed_at is null group by server`;
  const { rows } = await tx.query<{ server: string; ids: string }>(text);
  return new Map(rows.map(({ server, ids }) => [server, ids]));
}

export async function listConnections(tx: Tx): Promise<readonly Connection[]> {
  const text = `select ${connectionColumns} from connection order by server, workflow, person limit 5000`;
  return (await tx.query<Connection>(text)).rows;
}

export type NewConnection = Pick<
  Connection,
  "id" | "server" | "workflow" | "person" | "issuer" | "clientId" | "resource" | "scope" | "connectedBy" | "renewable"
> & { readonly tokenUntilMs: number | null };

/** Puts a connection in the place of the one that its holder had; ids of those that it replaces. */
export async function replaceConnection(tx: Tx, made: NewConnection): Promise<readonly string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `delete from connection where server = $1 and coalesce(workflow, '') = $2 and coalesce(person, '') = $3 returning id`,
    [made.server, made.workflow ?? "", made.person ?? ""],
  );
  await tx.query(
    `insert into connection (id, server, workflow, person, issuer, client_id, resource, scope, connected_by, token_until, renewable)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, to_timestamp($10::double precision / 1000), $11)`,
    [
      made.id,
      made.server,
      made.workflow,
      made.person,
      made.issuer,
      made.clientId,
      made.resource,
      made.scope,
      made.connectedBy,
      made.tokenUntilMs,
      made.renewable,
    ],
  );
  return rows.map((row) => row.id);
}

/** The right to use the refresh token of this version, for one replica at a time; it ends by itself. */
export async function takeRenewal(tx: Tx, id: string, version: number, leaseMs: number): Promise<boolean> {
  const text = `update connection set renewing_until = clock_timestamp() + $3::double precision * interval '1 millisecond'
    where id = $1 and version = $2 and lapsed_at is null
      and (renewing_until is null or renewing_until < clock_timestamp())`;
  return (await tx.query(text, [id, version, leaseMs])).rowCount === 1;
}

export async function giveBackRenewal(tx: Tx, id: string, version: number): Promise<void> {
  await tx.query("update connection set renewing_until = null where id = $1 and version = $2", [id, version]);
}

/** Compare-and-set on the version that was renewed: also from a replica whose lease ran out, where nobody was faster. */
export async function saveRenewal(
  tx: Tx,
  id: string,
  version: number,
  renewed: { readonly tokenUntilMs: number | null; readonly renewable: boolean; readonly scope?: string },
): Promise<boolean> {
  const text = `update connection set version = version + 1, renewed_at = clock_timestamp(), renewing_until = null,
      lapsed_at = null, lapsed_because = null, token_until = to_timestamp($3::double precision / 1000), renewable = $4,
      scope = coalesce($5, scope)
    where id = $1 and version = $2`;
  const values = [id, version, renewed.tokenUntilMs, renewed.renewable, renewed.scope ?? null];
  return (await tx.query(text, values)).rowCount === 1;
}

/** False where another replica has renewed it since, or it has lapsed or gone already. */
export async function lapseConnection(tx: Tx, id: string, version: number, because: string): Promise<boolean> {
  const text = `update connection set lapsed_at = clock_timestamp(), lapsed_because = $3, renewing_until = null
    where id = $1 and version = $2 and lapsed_at is null`;
  return (await tx.query(text, [id, version, because])).rowCount === 1;
}

/** Keeps every replica from renewing while it is being ended; false where one is at it. */
export async function holdRenewal(tx: Tx, id: string, leaseMs: number): Promise<boolean> {
  const text = `update connection set renewing_until = clock_timestamp() + $2::double precision * interval '1 millisecond'
    where id = $1 and (renewing_until is null or renewing_until < clock_timestamp())`;
  return (await tx.query(text, [id, leaseMs])).rowCount === 1;
}

export async function deleteConnection(tx: Tx, id: string): Promise<boolean> {
  return (await tx.query("delete from connection where id = $1", [id])).rowCount === 1;
}

const consentColumns = `id, sealed, server, workflow, issuer, client_id as "clientId", resource, scope,
  redirect_uri as "redirectUri", person, credential, browser_hash as "browserHash", code_hash as "codeHash", confirmed,
  tries, expires_at as "expiresAt", expires_at <= clock_timestamp() as "isExpired", used_at is not null as "isUsed",
  outcome, because, connection`;

export type NewConsent = Pick<
  Consent,
  "id" | "server" | "workflow" | "issuer" | "clientId" | "resource" | "scope" | "redirectUri" | "person" | "credential"
> & { readonly stateHash: Buffer; readonly sealed: Buffer; readonly openMs: number };

/** The moment at which it will have been too late. */
export async function insertConsent(tx: Tx, consent: NewConsent): Promise<string> {
  const { rows } = await tx.query<{ until: string }>(
    `insert into consent (id, state_hash, sealed, server, workflow, issuer, client_id, resource, scope, redirect_uri,
       person, credential, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
       clock_timestamp() + $13::double precision * interval '1 millisecond') returning expires_at as until`,
    [
      consent.id,
      consent.stateHash,
      consent.sealed,
      consent.server,
      consent.workflow,
      consent.issuer,
      consent.clientId,
      consent.resource,
      consent.scope,
      consent.redirectUri,
      consent.person,
      consent.credential,
      consent.openMs,
    ],
  );
  return rows[0]?.until ?? "";
}

export async function countOpenConsents(tx: Tx, person: string): Promise<number> {
  const text =
    "select count(*)::int as n from consent where person = $1 and ended_at is null and expires_at > clock_timestamp()";
  return (await tx.query<{ n: number }>(text, [person])).rows[0]?.n ?? 0;
}

export async function selectConsent(tx: Tx, id: string): Promise<Consent | undefined> {
  return (await tx.query<Consent>(`select ${consentColumns} from consent where id = $1`, [id])).rows[0];
}

export async function consentByState(tx: Tx, stateHash: Buffer): Promise<Consent | undefined> {
  return (await tx.query<Consent>(`select ${consentColumns} from consent where state_hash = $1`, [stateHash])).rows[0];
}

const isLive = "used_at is null and ended_at is null and expires_at > clock_timestamp()";

/** Binds it to one browser, once. */
export async function bindConsent(
  tx: Tx,
  id: string,
  browser: { readonly hash: Buffer; readonly codeHash: Buffer | null; readonly confirmed: boolean },
): Promise<boolean> {
  const text = `update consent set browser_hash = $2, code_hash = $3, confirmed = $4
    where id = $1 and browser_hash is null and ${isLive}`;
  return (await tx.query(text, [id, browser.hash, browser.codeHash, browser.confirmed])).rowCount === 1;
}

/** Counts a try before it is looked at; undefined where there are no more. */
export async function countTry(tx: Tx, id: string, most: number): Promise<Consent | undefined> {
  const text = `update consent set tries = tries + 1
    where id = $1 and tries < $2 and not confirmed and code_hash is not null and ${isLive} returning ${consentColumns}`;
  return (await tx.query<Consent>(text, [id, most])).rows[0];
}

export async function confirmConsent(tx: Tx, id: string): Promise<boolean> {
  return (await tx.query(`update consent set confirmed = true where id = $1 and ${isLive}`, [id])).rowCount === 1;
}

/** Uses a state up: of all that come with it, one gets the consent. */
export async function claimConsent(tx: Tx, stateHash: Buffer): Promise<Consent | undefined> {
  const text = `update consent set used_at = clock_timestamp() where state_hash = $1 and ${isLive} returning ${consentColumns}`;
  return (await tx.query<Consent>(text, [stateHash])).rows[0];
}

/** False where it had ended already. */
export async function endConsent(
  tx: Tx,
  id: string,
  end: { readonly outcome: NonNullable<Consent["outcome"]>; readonly because?: string; readonly connection?: string },
): Promise<boolean> {
  const text = `update consent set ended_at = clock_timestamp(), sealed = null, outcome = $2, because = $3, connection = $4
    where id = $1 and ended_at is null`;
  return (await tx.query(text, [id, end.outcome, end.because ?? null, end.connection ?? null])).rowCount === 1;
}

/** What was begun and never ended keeps its verifier no longer than it is of use; the rest goes after a day. */
export async function forgetConsents(tx: Tx): Promise<void> {
  await tx.query("update consent set sealed = null where sealed is not null and expires_at <= clock_timestamp()");
  await tx.query("delete from consent where expires_at < clock_timestamp() - interval '1 day'");
}
