import { setTimeout as sleep } from "node:timers/promises";
import { Problem } from "../floor/problem.ts";
import { appRole } from "./address.ts";
import type { Db } from "./db.ts";
import { isUniqueViolation, StatementFailure, sqlStateOf } from "./failure.ts";
import { grantApp } from "./grants.ts";
import { findPending, type Migration, readMigrations } from "./migration.ts";
import { createMigrationTables, hasMigrationTables, insertApplied, listApplied, lockMigrations } from "./sql.ts";

export interface MigrateOptions {
  readonly migrations?: readonly Migration[];
  /** The role of normal work; `null` where the owner does that too, which costs the append-only guarantee. */
  readonly appRole?: string | null;
}

/** Applies what is pending as the owner, one file a transaction, one migrator at a time; returns the names it applied. */
export async function migrate(owner: Db, options: MigrateOptions = {}): Promise<string[]> {
  const files = options.migrations ?? readMigrations();
  await ensureTables(owner);
  const applied: string[] = [];
  for (;;) {
    const name = await applyNext(owner, files);
    if (name === undefined) break;
    applied.push(name);
  }
  const role = options.appRole === undefined ? appRole : options.appRole;
  if (role !== null)
    await owner.transaction(async (tx) => {
      await lockMigrations(tx);
      await grantApp(tx, role);
    });
  return applied;
}

/** `create table if not exists` still collides when two processes run it at once: the loser looks again. */
async function ensureTables(owner: Db): Promise<void> {
  for (let tries = 0; ; tries++) {
    if (await hasMigrationTables(owner)) return;
    try {
      await owner.transaction(createMigrationTables);
      return;
    } catch (error) {
      if (tries >= 20 || !isCollision(error)) throw error;
      await sleep(50);
    }
  }
}

/** The table (42P07), its row type (42710), a row of a catalog (23505), or "tuple concurrently updated" (XX000). */
function isCollision(error: unknown): boolean {
  return isUniqueViolation(error) || ["42P07", "42710", "XX000"].includes(sqlStateOf(error) ?? "");
}

async function applyNext(owner: Db, files: readonly Migration[]): Promise<string | undefined> {
  return owner.transaction(async (tx) => {
    await lockMigrations(tx);
    const next = findPending(files, await listApplied(tx))[0];
    if (next === undefined) return undefined;
    try {
      await tx.query(next.sql);
    } catch (error) {
      throw brokenMigration(next, error);
    }
    await insertApplied(tx, next);
    return next.name;
  });
}

function brokenMigration(migration: Migration, error: unknown): unknown {
  const failure = error instanceof Problem ? error.cause : undefined;
  if (!(failure instanceof StatementFailure) || failure.sqlState.startsWith("40")) return error;
  return new Problem("bug", `the migration \`${migration.name}\` failed: ${failure.message}`, {
    help: "nothing of this file was applied",
    cause: failure,
  });
}
