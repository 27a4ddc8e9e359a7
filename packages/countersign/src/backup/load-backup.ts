import type { Db, Session } from "../db/db.ts";
import { sqlStateOf } from "../db/failure.ts";
import { migrate } from "../db/migrate.ts";
import { type Migration, readMigrations } from "../db/migration.ts";
import { Problem } from "../floor/problem.ts";
import { Damage } from "./damage.ts";
import type { About } from "./manifest.ts";
import type { BackupRead, BackupReader } from "./read-backup.ts";
import { beginLoad, copyInText, emptyTable, tablesInOrder } from "./sql.ts";

export interface Loading {
  readonly owner: Db;
  /** Of the owner; it is left in the transaction that the rows were loaded in. */
  readonly session: Session;
  /** The role of normal work; null where the owner does that too. */
  readonly appRole: string | null | undefined;
  readonly read: (reader: BackupReader) => Promise<BackupRead>;
}

/** Makes the schema as the backup had it, and loads its rows in one transaction that is still open afterwards. */
export async function loadBackup({
  owner,
  session,
  appRole,
  read,
}: Loading): Promise<BackupRead & { readonly keys: ReadonlyMap<string, Buffer> }> {
  const keys = new Map<string, Buffer>();
  let tables: Awaited<ReturnType<typeof tablesInOrder>> = [];
  const found = await read({
    async about(about) {
      const migrations = migrationsOf(about);
      await migrate(owner, { migrations, ...(appRole === undefined ? {} : { appRole }) });
      await beginLoad(session);
      tables = await tablesInOrder(session);
    },
    key: async (name, bytes) => void keys.set(name, bytes),
    async table(name, bytes) {
      const table = tables.find((one) => one.name === name);
      if (table === undefined) throw new Damage(`it holds a table \`${name}\` that its schema lacks`);
      await emptyTable(session, name);
      try {
        return await session.copyIn(copyInText(table), bytes);
      } catch (thrown) {
        // What the database cannot read was not written by one: it says so by the class of the failure.
        if (!/^2[23]/.test(sqlStateOf(thrown) ?? "")) throw thrown;
        throw new Damage(`table \`${name}\` cannot be read`);
      }
    },
  });
  return { ...found, keys };
}

/** Exactly the steps of the schema that the backup had; the next start applies what came since. */
function migrationsOf(about: About): readonly Migration[] {
  const known = new Map(readMigrations().map((migration) => [migration.name, migration]));
  return about.migrations.map(({ name, digest }) => {
    const migration = known.get(name);
    if (migration?.digest === digest) return migration;
    throw new Problem(
      "conflict",
      `the backup was made with the migration \`${name}\`, which this countersign does not have`,
      {
        help: `countersign ${about.countersign} made it: restore it with that version or a later one`,
      },
    );
  });
}
