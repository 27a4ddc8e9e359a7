import type { Tx } from "./db.ts";
import type { Applied } from "./migration.ts";

export async function createMigrationTables(tx: Tx): Promise<void> {
  await tx.query(`
    create table if not exists migration (
      name text collate "C" primary key,
      digest text not null,
      applied_at timestamptz not null default clock_timestamp()
    );
    create table if not exists migration_lock (only_row boolean primary key default true check (only_row));
    insert into migration_lock default values on conflict do nothing;
  `);
}

/** Waits for other migrators: the row lock lasts until the transaction ends. */
export async function lockMigrations(tx: Tx): Promise<void> {
  await tx.query("select only_row from migration_lock for update");
}

export async function listApplied(tx: Tx): Promise<readonly Applied[]> {
  return (await tx.query<Applied>("select name, digest from migration order by name")).rows;
}

export async function insertApplied(tx: Tx, { name, digest }: Applied): Promise<void> {
  await tx.query("insert into migration (name, digest) values ($1, $2)", [name, digest]);
}

export async function hasMigrationTables(tx: Tx): Promise<boolean> {
  const found = await tx.query<{ there: boolean }>("select to_regclass('migration_lock') is not null as there");
  return found.rows[0]?.there === true;
}

export async function listTables(tx: Tx): Promise<readonly { name: string; quoted: string }[]> {
  const found = await tx.query<{ name: string; quoted: string }>(`
    select c.relname as name, c.oid::regclass::text as quoted
    from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
    order by 1`);
  return found.rows;
}

export async function hasRole(tx: Tx, role: string): Promise<boolean> {
  return (await tx.query("select 1 from pg_roles where rolname = $1", [role])).rowCount > 0;
}

export interface Setting {
  readonly name: string;
  readonly setting: string;
}

export async function readSettings(tx: Tx, names: readonly string[]): Promise<readonly Setting[]> {
  return (await tx.query<Setting>("select name, setting from pg_settings where name = any($1)", [names])).rows;
}
