import type { Tx } from "../db/db.ts";

/** What is made anew, or must not come back: the lookup's index, logins, open sessions, leases and locks. */
const leftOut: ReadonlySet<string> = new Set([
  "lookup_action",
  "lookup_head",
  "lookup_lock",
  "lookup_segment",
  "erasure_lock",
  "lease",
  "login_link",
  "passkey_challenge",
  "person_session",
  "provider_login",
  "mcp_session",
  "migration",
  "migration_lock",
]);

export interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  /** About how many bytes its rows are. */
  readonly bytes: number;
}

/** Tables with what they hold, each after those that its rows refer to; what the database computes itself is not copied. */
export async function tablesInOrder(tx: Tx): Promise<readonly Table[]> {
  const { rows } = await tx.query<Table & { readonly after: readonly string[] }>(
    `select c.relname as name, array_agg(a.attname::text order by a.attnum) as columns, pg_table_size(c.oid)::bigint as bytes,
       coalesce((select array_agg(distinct p.relname::text) from pg_constraint k join pg_class p on p.oid = k.confrelid
         where k.conrelid = c.oid and k.contype = 'f'), '{}') as after
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' group by c.oid, c.relname order by c.relname collate "C"`,
  );
  const waiting = rows.filter(({ name }) => !leftOut.has(name));
  const placed: Table[] = [];
  const done = new Set<string>(leftOut);
  while (waiting.length > 0) {
    const at = waiting.findIndex(({ name, after }) => after.every((one) => one === name || done.has(one)));
    const [next] = waiting.splice(Math.max(at, 0), 1);
    if (next === undefined) break;
    done.add(next.name);
    placed.push({ name: next.name, columns: next.columns, bytes: next.bytes });
  }
  return placed;
}

const list = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(", ");

export function copyOutText(table: Pick<Table, "name" | "columns">): string {
  return `copy (select ${list(table.columns)} from "${table.name}") to stdout (format binary)`;
}

export function copyInText(table: Pick<Table, "name" | "columns">): string {
  return `copy "${table.name}" (${list(table.columns)}) from stdin (format binary)`;
}

export async function migrationsIn(tx: Tx): Promise<readonly { readonly name: string; readonly digest: string }[]> {
  return (await tx.query<{ name: string; digest: string }>("select name, digest from migration order by name")).rows;
}

export async function postgresMajor(tx: Tx): Promise<number> {
  const text = "select current_setting('server_version_num')::int / 10000 as major";
  return (await tx.query<{ major: number }>(text)).rows[0]?.major ?? 0;
}

/** A snapshot of everything that is committed now, whatever is written meanwhile. */
export async function beginSnapshot(tx: Tx): Promise<void> {
  await tx.query("begin transaction isolation level repeatable read read only");
}

/** Whether somebody's data is here: a restore never mixes two histories. */
export async function hasData(tx: Tx): Promise<boolean> {
  const there = await tx.query<{ there: boolean }>("select to_regclass('entry') is not null as there");
  if (there.rows[0]?.there !== true) return false;
  const text =
    "select exists (select 1 from entry) or exists (select 1 from workspace_version) or exists (select 1 from credential) as there";
  return (await tx.query<{ there: boolean }>(text)).rows[0]?.there === true;
}

/** The owner loads entries in bulk; their moves are judged afterwards, all of them. */
export async function beginLoad(tx: Tx): Promise<void> {
  await tx.query("begin");
  await tx.query("alter table entry disable trigger user");
}

export async function endLoad(tx: Tx): Promise<void> {
  await tx.query("alter table entry enable trigger user");
}

/** What a migration put there by default. */
export async function emptyTable(tx: Tx, table: string): Promise<void> {
  await tx.query(`delete from "${table}"`);
}

/** Freezes what was open, and stops everything: it may have run since the backup was made. How many were open. */
export async function stopAll(tx: Tx, id: string, reason: string): Promise<number> {
  await tx.query(
    "insert into stop (id, scope, name, reason, taken_by) values ($1, 'everything', '*', $2, 'countersign')",
    [id, reason],
  );
  const frozen = await tx.query(
    "update open_action set frozen_by = coalesce(frozen_by, $1), claimed_by = null, lease_until = null where state in ('held', 'ready')",
    [id],
  );
  await tx.query("update plane set revision = revision + 1");
  return frozen.rowCount;
}
