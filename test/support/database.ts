import { randomBytes } from "node:crypto";
import { inject } from "vitest";
import type { DbAddress } from "../../packages/countersign/src/db/address.ts";
import type { Db } from "../../packages/countersign/src/db/db.ts";
import { migrate } from "../../packages/countersign/src/db/migrate.ts";
import { openDb } from "../../packages/countersign/src/db/pool.ts";
import { silent } from "../../packages/countersign/src/floor/log.ts";
import { Secret } from "../../packages/countersign/src/floor/secret.ts";
import type { PlainAddress } from "./global-setup.ts";

/** A migrated, empty database of one's own. */
export interface TestDatabase {
  /** As the application: no UPDATE or DELETE on append-only tables. */
  readonly db: Db;
  /** As the owner of every table. */
  readonly owner: Db;
  readonly app: DbAddress;
  readonly ownerAt: DbAddress;
  /** As a `DATABASE_URL` of the application role. */
  readonly url: string;
  /** PostgreSQL's major version. */
  readonly major: number;
  /** Breaks every connection of this database, as a crash of the server would; none of them is there any more then. */
  breakConnections(): Promise<void>;
  close(): Promise<void>;
}

/** Clones the migrated template (about 50 ms); one per test file is enough. `language`: sorts by it, and not by bytes. */
export async function openTestDatabase(language?: string): Promise<TestDatabase> {
  const given = inject("testDatabase");
  const database = `test_${randomBytes(8).toString("hex")}`;
  const at = (address: PlainAddress): DbAddress => ({ ...address, database, password: new Secret(address.password) });
  const admin = openDb({ ...at(given.admin), database: "postgres" }, { log: silent, max: 1 });
  const from =
    language === undefined
      ? `template ${given.template}`
      : `template template0 locale_provider icu icu_locale '${language}' locale 'C'`;
  await admin.query(`create database ${database} owner ${given.owner.user} ${from}`);
  const [app, ownerAt] = [at(given.app), at(given.owner)];
  const db = openDb(app, { log: silent, max: 10 });
  const owner = openDb(ownerAt, { log: silent, max: 4 });
  if (language !== undefined) await migrate(owner);
  return {
    db,
    owner,
    app,
    ownerAt,
    url: urlOf(app),
    major: given.major,
    async breakConnections() {
      // Until each is gone, and one turn more: the pools here have heard of it and hand none of them out again.
      await admin.query("select pg_terminate_backend(pid, 20000) from pg_stat_activity where datname = $1", [database]);
      await new Promise((resolve) => setTimeout(resolve, 0));
      await new Promise((resolve) => setImmediate(resolve));
    },
    async close() {
      await Promise.all([db.close(), owner.close()]);
      await admin.query(`drop database ${database} with (force)`);
      await admin.close();
    },
  };
}

export function urlOf(at: DbAddress): string {
  const credentials = `${at.user}:${encodeURIComponent(at.password.reveal())}`;
  return at.host.startsWith("/")
    ? `postgresql://${credentials}@localhost/${at.database}?host=${encodeURIComponent(at.host)}&port=${at.port}`
    : `postgresql://${credentials}@${at.host}:${at.port}/${at.database}`;
}
