import type { Tx } from "../db/db.ts";
import type { ProviderPerson } from "./provider-person.ts";

const at = (place: number): string => `to_timestamp($${place}::float8 / 1000)`;

/** A login that was begun at an identity provider. */
export interface BegunLogin {
  readonly id: string;
  readonly stateHash: Buffer;
  readonly browserHash: Buffer;
  readonly issuer: string;
  /** Where the person was going. */
  readonly next: string;
  readonly expiresAtMs: number;
}

/** False where more than `most` wait already. */
export async function insertLogin(tx: Tx, login: BegunLogin, most: number, nowMs: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into provider_login (id, state_hash, browser_hash, issuer, next, expires_at)
     select $1, $2, $3, $4, $5, ${at(6)} where (select count(*) from provider_login where expires_at > ${at(8)}) < $7`,
    [login.id, login.stateHash, login.browserHash, login.issuer, login.next, login.expiresAtMs, most, nowMs],
  );
  return rowCount === 1;
}

/** Uses a begun login up; undefined where it is another browser's, was used, or is over. */
export async function takeLogin(
  tx: Tx,
  of: Pick<BegunLogin, "stateHash" | "browserHash">,
  nowMs: number,
): Promise<Pick<BegunLogin, "id" | "issuer" | "next"> | undefined> {
  const { rows } = await tx.query<Pick<BegunLogin, "id" | "issuer" | "next">>(
    `delete from provider_login where state_hash = $1 and browser_hash = $2 and expires_at > ${at(3)} returning id, issuer, next`,
    [of.stateHash, of.browserHash, nowMs],
  );
  return rows[0];
}

export async function providerPeople(tx: Tx): Promise<readonly ProviderPerson[]> {
  const { rows } = await tx.query<ProviderPerson>(
    "select email, issuer, subject, name, groups from provider_person order by email",
  );
  return rows;
}

/** Whom the provider knows by this address or under this name of its own. */
export async function providerPersonLike(
  tx: Tx,
  { issuer, email, subject }: Pick<ProviderPerson, "issuer" | "email" | "subject">,
): Promise<readonly ProviderPerson[]> {
  const { rows } = await tx.query<ProviderPerson>(
    `select email, issuer, subject, name, groups from provider_person
     where issuer = $1 and (email = $2 or subject = $3) for update`,
    [issuer, email, subject],
  );
  return rows;
}

/** What is said now replaces what was said before. */
export async function putProviderPerson(tx: Tx, person: ProviderPerson, nowMs: number): Promise<void> {
  await tx.query("delete from provider_person where issuer = $1 and subject = $2 and email <> $3", [
    person.issuer,
    person.subject,
    person.email,
  ]);
  await tx.query(
    `insert into provider_person (email, issuer, subject, name, groups, at) values ($1, $2, $3, $4, $5, ${at(6)})
     on conflict (email) do update set issuer = excluded.issuer, subject = excluded.subject, name = excluded.name,
       groups = excluded.groups, at = excluded.at`,
    [person.email, person.issuer, person.subject, person.name, JSON.stringify(person.groups), nowMs],
  );
}

export async function dropProviderPerson(tx: Tx, email: string): Promise<boolean> {
  return (await tx.query("delete from provider_person where email = $1", [email])).rowCount === 1;
}

/** Whether somebody of this address ever logged in, was invited, or was told of by the provider. */
export async function hasLogins(tx: Tx, person: string): Promise<boolean> {
  const text = `select 1 where exists (select 1 from person_session where person = $1)
    or exists (select 1 from credential where subject = $1) or exists (select 1 from login_link where person = $1)
    or exists (select 1 from provider_person where email = $1) or exists (select 1 from passkey where person = $1)`;
  return (await tx.query(text, [person])).rowCount === 1;
}
