import type { Tx } from "../db/db.ts";
import type { Credential, Origin, PublicJwk } from "./credential.ts";
import type { Sighting } from "./sighting.ts";

const at = (place: number): string => `to_timestamp($${place}::float8 / 1000)`;
const ms = (column: string): string => `(extract(epoch from ${column}) * 1000)::float8`;

interface CredentialRow {
  readonly id: string;
  readonly kind: Credential["kind"];
  readonly subject: string;
  readonly environment: string | null;
  readonly on_behalf_of: string | null;
  readonly hash: Buffer | null;
  readonly jwk: string | null;
  readonly thumbprint: string | null;
  readonly slot: number | null;
  readonly note: string;
  readonly created: number;
  readonly created_by: string;
  readonly expires: number;
  readonly used: number | null;
  readonly vouched_by: readonly string[];
  readonly parent: string | null;
  readonly issuer: string | null;
  readonly rule: string | null;
}

const credentialColumns = `id, kind, subject, environment, on_behalf_of, hash, jwk::text as jwk, thumbprint, slot, note,
  ${ms("created_at")} as created, created_by, ${ms("expires_at")} as expires, ${ms("last_used_at")} as used, vouched_by, parent, issuer, rule`;

/** Also takes the row's lock: changes of credentials happen one after another until commit. */
export async function raiseRevision(tx: Tx): Promise<string> {
  const { rows } = await tx.query<{ revision: string }>(
    "update identity_revision set revision = revision + 1 returning revision::text",
  );
  await tx.query("select pg_notify('countersign_identity', '')");
  return rows[0]?.revision ?? "0";
}

export async function readRevision(tx: Tx): Promise<string> {
  const { rows } = await tx.query<{ revision: string }>("select revision::text from identity_revision");
  return rows[0]?.revision ?? "0";
}

export async function selectLive(tx: Tx, nowMs: number): Promise<readonly Credential[]> {
  const { rows } = await tx.query<CredentialRow>(
    `select ${credentialColumns} from credential where revoked_at is null and expires_at > ${at(1)} order by created_at, id`,
    [nowMs],
  );
  return rows.map(asCredential);
}

/** Whether this is an agent's key, of either kind, that somebody revoked. */
export async function isKeyRevoked(tx: Tx, id: string): Promise<boolean> {
  const text = "select 1 from credential where id = $1 and kind <> 'person_token' and revoked_at is not null";
  return (await tx.query({ name: "key-revoked", text, values: [id] })).rowCount > 0;
}

export interface Held {
  readonly credential: Credential;
  readonly slot: number | null;
}

/** The credentials of one kind that an agent holds in an environment, the older first. Slots of expired ones come free. */
export async function selectHeld(
  tx: Tx,
  of: {
    readonly agent: string;
    readonly environment: string;
    readonly onBehalfOf?: string;
    readonly kind: "agent_key" | "agent_jwk";
  },
  nowMs: number,
): Promise<readonly Held[]> {
  await tx.query(`update credential set slot = null where slot is not null and expires_at <= ${at(1)}`, [nowMs]);
  const { rows } = await tx.query<CredentialRow>(
    `select ${credentialColumns} from credential
     where subject = $1 and environment = $2 and kind = $3 and coalesce(on_behalf_of, '') = $4 and slot is not null
     order by created_at, id`,
    [of.agent, of.environment, of.kind, of.onBehalfOf ?? ""],
  );
  return rows.map((row) => ({ credential: asCredential(row), slot: row.slot }));
}

/** Who holds this public key now, or held it when it was revoked. */
export async function selectByThumbprint(
  tx: Tx,
  thumbprint: string,
): Promise<{ readonly id: string; readonly subject: string; readonly revoked: boolean } | undefined> {
  const { rows } = await tx.query<{ id: string; subject: string; revoked: boolean }>(
    `select id, subject, revoked_at is not null as revoked from credential
     where thumbprint = $1 and (slot is not null or revoked_at is not null) order by revoked_at nulls first limit 1`,
    [thumbprint],
  );
  return rows[0];
}

export async function insertCredential(tx: Tx, credential: Credential, slot: number | null): Promise<void> {
  const person = credential.kind === "person_token";
  const jwk = credential.kind === "agent_jwk" ? credential : undefined;
  const workload = credential.kind === "agent_workload" ? credential : undefined;
  await tx.query(
    `insert into credential (id, kind, subject, environment, hash, jwk, thumbprint, slot, note, created_at, created_by, expires_at,
       on_behalf_of, vouched_by, parent, issuer, rule)
     values ($1, $2, $3, $4, $5, $6::jsonb, $7, $8, $9, ${at(10)}, $11, ${at(12)}, $13, $14, $15, $16, $17)
     on conflict (subject, rule) where rule is not null do nothing`,
    [
      credential.id,
      credential.kind,
      person ? credential.person : credential.agent,
      person ? null : credential.environment,
      "hash" in credential ? credential.hash : null,
      jwk === undefined ? null : JSON.stringify(jwk.jwk),
      jwk?.thumbprint ?? null,
      slot,
      credential.note,
      credential.createdAtMs,
      credential.createdBy,
      credential.expiresAtMs,
      person ? null : (credential.onBehalfOf ?? null),
      JSON.stringify(credential.vouchedBy),
      credential.kind === "person_token" ? (credential.parent ?? null) : null,
      workload?.issuer ?? null,
      workload?.rule ?? null,
    ],
  );
}

/** Ends the workload identities whose rules no longer stand in the workspace, and lets go of those that ended before. */
export async function endWorkloads(
  tx: Tx,
  standing: readonly { readonly agent: string; readonly digest: string }[],
  by: { readonly by: string; readonly because: string; readonly nowMs: number },
): Promise<readonly Revoked[]> {
  const { rows } = await tx.query<Revoked & { readonly wasLive: boolean }>(
    `with gone as (
       select id, revoked_at is null as live from credential
       where rule is not null and not exists (
         select 1 from jsonb_to_recordset($1::jsonb) as s (agent text, digest text)
         where s.agent = subject and s.digest = rule)
       for update
     )
     update credential c set rule = null, revoked_at = coalesce(revoked_at, ${at(2)}), revoked_by = coalesce(revoked_by, $3),
       revoked_because = coalesce(revoked_because, $4)
     from gone where c.id = gone.id returning c.id, c.kind, c.subject, c.environment, gone.live as "wasLive"`,
    [JSON.stringify(standing.map(({ agent, digest }) => ({ agent, digest }))), by.nowMs, by.by, by.because],
  );
  return rows.flatMap(({ wasLive, ...row }) => (wasLive ? [row] : []));
}

/** Those of these credentials that are workload identities, ended ones too. */
export async function workloadsAmong(tx: Tx, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const text = "select id from credential where id = any($1::text[]) and kind = 'agent_workload'";
  const { rows } = await tx.query<{ id: string }>(text, [ids]);
  return new Set(rows.map(({ id }) => id));
}

/** Rules that stand, whether their identities were revoked or not. */
export async function selectRules(tx: Tx): Promise<readonly { readonly agent: string; readonly digest: string }[]> {
  const text = "select subject as agent, rule as digest from credential where rule is not null";
  return (await tx.query<{ agent: string; digest: string }>(text)).rows;
}

export interface Revoked {
  readonly id: string;
  readonly kind: Credential["kind"];
  readonly subject: string;
  readonly environment: string | null;
}

export async function revokeRows(
  tx: Tx,
  which:
    | { readonly id: string }
    | { readonly subject: string }
    | { readonly person: string }
    | { readonly onBehalfOf: string },
  by: { readonly by: string; readonly because: string; readonly nowMs: number },
): Promise<readonly Revoked[]> {
  const [condition, value] =
    "id" in which
      ? ["id = $1", which.id]
      : "subject" in which
        ? ["subject = $1", which.subject]
        : "person" in which
          ? ["subject = $1 and kind = 'person_token'", which.person]
          : ["on_behalf_of = $1", which.onBehalfOf];
  const { rows } = await tx.query<Revoked>(
    `update credential set revoked_at = ${at(2)}, revoked_by = $3, revoked_because = $4, slot = null
     where ${condition} and revoked_at is null returning id, kind, subject, environment`,
    [value, by.nowMs, by.by, by.because],
  );
  return rows;
}

/** What a list of credentials shows: never a hash, also of those that are revoked or expired. */
export interface CredentialLine {
  readonly id: string;
  readonly kind: Credential["kind"];
  readonly subject: string;
  readonly environment: string | null;
  readonly onBehalfOf: string | null;
  readonly note: string;
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly expiresAtMs: number;
  readonly lastUsedAtMs: number | null;
  readonly revokedAtMs: number | null;
}

export async function listCredentials(tx: Tx, subject?: string): Promise<readonly CredentialLine[]> {
  const { rows } = await tx.query<CredentialLine>(
    `select id, kind, subject, environment, on_behalf_of as "onBehalfOf", note, ${ms("created_at")} as "createdAtMs", created_by as "createdBy",
       ${ms("expires_at")} as "expiresAtMs", ${ms("last_used_at")} as "lastUsedAtMs", ${ms("revoked_at")} as "revokedAtMs"
     from credential where $1::text is null or subject = $1 order by created_at desc, id desc limit 1000`,
    [subject ?? null],
  );
  return rows;
}

function asCredential(row: CredentialRow): Credential {
  const body = {
    id: row.id,
    note: row.note,
    createdAtMs: row.created,
    createdBy: row.created_by,
    expiresAtMs: row.expires,
    lastUsedAtMs: row.used ?? undefined,
  };
  const hash = row.hash ?? Buffer.alloc(0);
  if (row.kind === "person_token") {
    const { subject: person, vouched_by: vouchedBy, parent } = row;
    return { ...body, kind: row.kind, person, vouchedBy, parent: parent ?? undefined, hash };
  }
  const account = {
    ...body,
    agent: row.subject,
    environment: row.environment ?? "",
    vouchedBy: row.vouched_by,
    ...(row.on_behalf_of === null ? {} : { onBehalfOf: row.on_behalf_of }),
  };
  if (row.kind === "agent_key") return { ...account, kind: row.kind, hash };
  if (row.kind === "agent_workload") {
    const { onBehalfOf: _, ...own } = account;
    return { ...own, kind: row.kind, issuer: row.issuer ?? "", rule: row.rule ?? "" };
  }
  // The table's checks keep `jwk` and `thumbprint` present for this kind.
  const jwk: PublicJwk = JSON.parse(row.jwk ?? "null");
  return { ...account, kind: row.kind, jwk, thumbprint: row.thumbprint ?? "" };
}

export interface TokenKeyRow {
  readonly id: string;
  readonly jwk: PublicJwk;
  readonly sealed: Buffer;
  readonly retired: number | null;
}

/** The key that signs, and those retired after `sinceMs`. */
export async function selectTokenKeys(tx: Tx, sinceMs: number): Promise<readonly TokenKeyRow[]> {
  const { rows } = await tx.query<Omit<TokenKeyRow, "jwk"> & { readonly jwk: string }>(
    `select id, public_jwk::text as jwk, sealed, ${ms("retired_at")} as retired from token_key
     where retired_at is null or retired_at > ${at(1)} order by created_at, id`,
    [sinceMs],
  );
  return rows.map((row) => ({ ...row, jwk: JSON.parse(row.jwk) }));
}

export async function insertTokenKey(
  tx: Tx,
  key: {
    readonly id: string;
    readonly publicJwk: PublicJwk;
    readonly sealed: Uint8Array;
    readonly createdAtMs: number;
  },
): Promise<void> {
  await tx.query(`insert into token_key (id, public_jwk, sealed, created_at) values ($1, $2::jsonb, $3, ${at(4)})`, [
    key.id,
    JSON.stringify(key.publicJwk),
    Buffer.from(key.sealed),
    key.createdAtMs,
  ]);
}

/** Every key that signs or still verifies is taken as retired at this time. */
export async function retireTokenKeys(tx: Tx, atMs: number): Promise<readonly string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `update token_key set retired_at = least(retired_at, ${at(1)}) where retired_at is null or retired_at > ${at(1)} returning id`,
    [atMs],
  );
  return rows.map((row) => row.id);
}

const byOther = "substring(sealed from 2 for 4) <> decode($1, 'hex')";

/** Token keys, retired ones too, whose private part another key than this one seals. */
export async function tokenKeysSealedByOther(
  tx: Tx,
  keyId: string,
): Promise<readonly { readonly id: string; readonly sealed: Buffer }[]> {
  const text = `select id, sealed from token_key where ${byOther}`;
  return (await tx.query<{ id: string; sealed: Buffer }>(text, [keyId])).rows;
}

export async function countTokenKeysOfOther(tx: Tx, keyId: string): Promise<number> {
  return (await tokenKeysSealedByOther(tx, keyId)).length;
}

export async function replaceSealedTokenKey(tx: Tx, id: string, before: Buffer, after: Buffer): Promise<boolean> {
  const text = "update token_key set sealed = $3 where id = $1 and sealed = $2";
  return (await tx.query(text, [id, before, after])).rowCount === 1;
}

/** Whether this hash was used, and still counts as that. */
export async function isUsed(tx: Tx, hash: Buffer): Promise<boolean> {
  return (await tx.query("select 1 from used_assertion where hash = $1", [hash])).rowCount > 0;
}

/** False where this hash was used before, by whichever replica. */
export async function useOnce(tx: Tx, hash: Buffer, expiresAtMs: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into used_assertion (hash, expires_at) values ($1, ${at(2)}) on conflict do nothing`,
    [hash, expiresAtMs],
  );
  return rowCount === 1;
}

export interface LinkRow extends Origin {
  readonly id: string;
  readonly hash: Buffer;
  readonly person: string;
}

export async function insertLink(
  tx: Tx,
  link: LinkRow & { readonly by: string; readonly createdAtMs: number; readonly expiresAtMs: number },
): Promise<void> {
  await tx.query(
    `insert into login_link (id, hash, person, created_at, created_by, expires_at, vouched_by, parent, not_after)
     values ($1, $2, $3, ${at(4)}, $5, ${at(6)}, $7, $8, ${at(9)})`,
    [
      link.id,
      link.hash,
      link.person,
      link.createdAtMs,
      link.by,
      link.expiresAtMs,
      JSON.stringify(link.vouchedBy),
      link.parent ?? null,
      link.notAfterMs ?? null,
    ],
  );
}

/** A link that is neither used nor expired. */
export async function selectLink(tx: Tx, id: string, nowMs: number): Promise<LinkRow | undefined> {
  const { rows } = await tx.query<
    Omit<LinkRow, "parent" | "notAfterMs"> & { parent: string | null; notAfter: number | null }
  >(
    `select id, hash, person, vouched_by as "vouchedBy", parent, ${ms("not_after")} as "notAfter"
     from login_link where id = $1 and used_at is null and expires_at > ${at(2)}`,
    [id, nowMs],
  );
  const [row] = rows;
  return row === undefined
    ? undefined
    : { ...row, parent: row.parent ?? undefined, notAfterMs: row.notAfter ?? undefined };
}

export async function markLinkUsed(tx: Tx, id: string, nowMs: number): Promise<boolean> {
  const { rowCount } = await tx.query(`update login_link set used_at = ${at(2)} where id = $1 and used_at is null`, [
    id,
    nowMs,
  ]);
  return rowCount === 1;
}

/** Links of a person that were not used yet. */
export async function dropLinks(tx: Tx, person: string): Promise<void> {
  await tx.query("delete from login_link where person = $1 and used_at is null", [person]);
}

export interface SessionRow {
  readonly id: string;
  readonly hash: Buffer;
  readonly person: string;
  readonly method: "link" | "oidc" | "passkey";
  readonly vouchedBy: readonly string[];
  readonly parent: string | undefined;
  /** The identity provider that vouched for it, and where the login is ended there. */
  readonly provider: string | undefined;
  readonly logoutUrl: string | undefined;
  readonly createdAtMs: number;
  readonly seenAtMs: number;
  readonly expiresAtMs: number;
}

export async function insertSession(tx: Tx, session: SessionRow): Promise<void> {
  await tx.query(
    `insert into person_session (id, hash, person, method, created_at, seen_at, expires_at, vouched_by, parent,
       provider, logout_url)
     values ($1, $2, $3, $4, ${at(5)}, ${at(5)}, ${at(6)}, $7, $8, $9, $10)`,
    [
      session.id,
      session.hash,
      session.person,
      session.method,
      session.seenAtMs,
      session.expiresAtMs,
      JSON.stringify(session.vouchedBy),
      session.parent ?? null,
      session.provider ?? null,
      session.logoutUrl ?? null,
    ],
  );
}

export async function selectSession(tx: Tx, id: string): Promise<SessionRow | undefined> {
  return (await selectSessions(tx, [id]))[0];
}

/** Those of these that nobody ended. */
export async function selectSessions(tx: Tx, ids: readonly string[]): Promise<readonly SessionRow[]> {
  const { rows } = await tx.query<SessionRow>(
    `select id, hash, person, method, vouched_by as "vouchedBy", parent, provider, logout_url as "logoutUrl",
       ${ms("created_at")} as "createdAtMs", ${ms("seen_at")} as "seenAtMs", ${ms("expires_at")} as "expiresAtMs"
     from person_session where id = any($1::text[]) and ended_at is null`,
    [ids],
  );
  return rows.map((row) => {
    const { parent, provider, logoutUrl } = row;
    return { ...row, parent: parent ?? undefined, provider: provider ?? undefined, logoutUrl: logoutUrl ?? undefined };
  });
}

export async function touchSession(tx: Tx, id: string, nowMs: number): Promise<void> {
  await tx.query(`update person_session set seen_at = greatest(seen_at, ${at(2)}) where id = $1 and ended_at is null`, [
    id,
    nowMs,
  ]);
}

export async function endSessions(
  tx: Tx,
  which: { readonly id: string } | { readonly person: string },
  nowMs: number,
): Promise<readonly { readonly id: string; readonly person: string }[]> {
  const column = "id" in which ? "id" : "person";
  const { rows } = await tx.query<{ id: string; person: string }>(
    `update person_session set ended_at = ${at(2)} where ${column} = $1 and ended_at is null returning id, person`,
    ["id" in which ? which.id : which.person, nowMs],
  );
  return rows;
}

export async function deleteExpired(tx: Tx, nowMs: number, sightingsSinceMs: number): Promise<number> {
  const gone = [
    await tx.query(`delete from used_assertion where expires_at <= ${at(1)}`, [nowMs]),
    await tx.query(`delete from login_link where expires_at <= ${at(1)}`, [nowMs]),
    await tx.query(`delete from person_session where expires_at <= ${at(1)}`, [nowMs]),
    await tx.query(`delete from provider_login where expires_at <= ${at(1)}`, [nowMs]),
    await tx.query(`delete from passkey_challenge where expires_at <= ${at(1)}`, [nowMs]),
    await tx.query(`delete from credential_sighting where last_at <= ${at(1)}`, [sightingsSinceMs]),
  ];
  return gone.reduce((sum, one) => sum + one.rowCount, 0);
}

/** Adds to the stretch it continues; two replicas keep a row each. Sessions of the console are no credentials and fall out. */
export async function upsertSightings(
  tx: Tx,
  seen: readonly (Sighting & { readonly newUses: number })[],
): Promise<void> {
  await tx.query(
    `with seen as (
       select * from jsonb_to_recordset($1::jsonb) as s
         (credential text, client text, address text, "firstAtMs" float8, "lastAtMs" float8, "newUses" bigint)
     ), used as (
       update credential c set last_used_at = greatest(c.last_used_at, to_timestamp(s.last / 1000))
       from (select credential, max("lastAtMs") as last from seen group by credential) s where c.id = s.credential
     )
     insert into credential_sighting as old (credential, client, address, first_at, last_at, uses)
     select s.credential, s.client, s.address, to_timestamp(s."firstAtMs" / 1000), to_timestamp(s."lastAtMs" / 1000), s."newUses"
     from seen s join credential c on c.id = s.credential
     on conflict (credential, client, address, first_at) do update
       set last_at = greatest(old.last_at, excluded.last_at), uses = old.uses + excluded.uses`,
    [JSON.stringify(seen)],
  );
}

export async function selectSightings(tx: Tx, sinceMs: number): Promise<readonly Sighting[]> {
  const { rows } = await tx.query<Sighting>(
    `select credential, client, address, ${ms("first_at")} as "firstAtMs", ${ms("last_at")} as "lastAtMs", uses::float8 as uses
     from credential_sighting where last_at > ${at(1)} order by first_at limit 100000`,
    [sinceMs],
  );
  return rows;
}
