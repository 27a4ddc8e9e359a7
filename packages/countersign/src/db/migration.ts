import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { digestText } from "../floor/digest.ts";
import { Problem } from "../floor/problem.ts";

/** One step of the schema, forward only: `NNNN-name.sql`. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly digest: string;
}

export const migrationFolder = fileURLToPath(new URL("../../migrations/", import.meta.url));

/** Reads the migrations of a folder in their order. */
export function readMigrations(folder = migrationFolder): Migration[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith(".sql"))
    .sort();
  const seen = new Map<string, string>();
  return names.map((name) => {
    const number = /^(\d{4})-[a-z0-9-]+\.sql$/.exec(name)?.[1];
    if (number === undefined) throw new Problem("bug", `the migration \`${name}\` is not named NNNN-name.sql`);
    const other = seen.get(number);
    if (other !== undefined)
      throw new Problem("bug", `the migrations \`${other}\` and \`${name}\` have the same number`);
    seen.set(number, name);
    // A checkout on Windows may have other line ends; they are not a change.
    const sql = readFileSync(join(folder, name), "utf8").replaceAll("\r\n", "\n");
    if (/^\s*(begin|commit|rollback|start\s+transaction)\s*;/im.test(sql))
      throw new Problem("bug", `the migration \`${name}\` must not begin or end a transaction`, {
        help: "each file runs in one already",
      });
    return { name, sql, digest: digestText(sql) };
  });
}

export interface Applied {
  readonly name: string;
  readonly digest: string;
}

/** What is left to apply; refuses where the database and these files tell different stories. */
export function findPending(files: readonly Migration[], applied: readonly Applied[]): Migration[] {
  const byName = new Map(files.map((file) => [file.name, file]));
  for (const { name, digest } of applied) {
    const file = byName.get(name);
    if (file === undefined)
      throw new Problem(
        "conflict",
        `the database has the migration \`${name}\`, which this countersign does not know`,
        {
          help: "a newer countersign has been here: start that version or a later one",
        },
      );
    if (file.digest !== digest)
      throw new Problem("conflict", `the migration \`${name}\` was changed after it had been applied`, {
        help: "restore the file as it was and add a new migration instead",
      });
  }
  const last =
    applied
      .map((row) => row.name)
      .sort()
      .at(-1) ?? "";
  const done = new Set(applied.map((row) => row.name));
  const pending = files.filter((file) => !done.has(file.name));
  const late = pending.find((file) => file.name < last);
  if (late !== undefined)
    throw new Problem("conflict", `the migration \`${late.name}\` comes before \`${last}\`, which has been applied`, {
      help: "give it the next free number: migrations only go forward",
    });
  return pending;
}
