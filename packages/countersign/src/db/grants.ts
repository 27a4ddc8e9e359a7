import { Problem } from "../floor/problem.ts";
import { appRole } from "./address.ts";
import type { Tx } from "./db.ts";
import { hasRole, listTables } from "./sql.ts";

/** Tables where a row, once written, is never changed or removed: the application role may only read and insert. */
export const appendOnlyTables: readonly string[] = [
  "entry",
  "tree_span",
  "tile",
  "checkpoint",
  "checkpoint_closed",
  "checkpoint_timestamp",
  "run_mark",
];

/** The schema's own record: read only. */
const readOnlyTables: readonly string[] = ["migration", "migration_lock"];

/**
 * Gives the application role what it needs on every table of the schema, and takes back anything else. Runs as the
 * owner after each migration, so that a new table needs no grant of its own; partitions are tables like others.
 */
export async function grantApp(tx: Tx, role: string = appRole): Promise<void> {
  if (!(await hasRole(tx, role)))
    throw new Problem("unavailable", `the database has no role \`${role}\` for normal work`, {
      help: `as an administrator: create role ${role} login password '...'`,
    });
  const to = `"${role.replaceAll('"', '""')}"`;
  const statements = [`grant usage, select on all sequences in schema public to ${to}`];
  for (const { name, quoted } of await listTables(tx)) {
    const rights = readOnlyTables.includes(name)
      ? "select"
      : isAppendOnly(name)
        ? "select, insert"
        : "select, insert, update, delete";
    statements.push(`revoke all on ${quoted} from ${to}, public`, `grant ${rights} on ${quoted} to ${to}`);
  }
  await tx.query(`${statements.join(";\n")};`);
}

/** A partition is named after its table: `entry_2026_11` is as closed as `entry`. */
function isAppendOnly(name: string): boolean {
  return appendOnlyTables.some(
    (table) => name === table || (name.startsWith(`${table}_`) && /^(\d|default)/.test(name.slice(table.length + 1))),
  );
}
