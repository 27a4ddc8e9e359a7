import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import type { DbAddress } from "../../packages/countersign/src/db/address.ts";
import { endPostmaster } from "../../packages/countersign/src/db/embedded/launch.ts";
import { lockFolder } from "../../packages/countersign/src/db/embedded/lock.ts";
import { readPostmaster } from "../../packages/countersign/src/db/embedded/postmaster.ts";
import { startEmbedded } from "../../packages/countersign/src/db/embedded.ts";
import { migrate } from "../../packages/countersign/src/db/migrate.ts";
import { openDb } from "../../packages/countersign/src/db/pool.ts";
import { silent } from "../../packages/countersign/src/floor/log.ts";
import { buildConsole } from "../../scripts/build-console.ts";

/** An address that can cross to the test workers. */
export interface PlainAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

declare module "vitest" {
  export interface ProvidedContext {
    testDatabase: { owner: PlainAddress; app: PlainAddress; admin: PlainAddress; template: string; major: number };
  }
}

const plain = (address: DbAddress): PlainAddress => ({ ...address, password: address.password.reveal() });

const prefix = "countersign-test-";

/** Ends what a killed test run of ours left: its server and its folder, once no live run holds the folder's lock. */
async function sweep(): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(prefix))) {
    const folder = join(tmpdir(), name);
    if (statSync(folder, { throwIfNoEntry: false })?.uid !== process.getuid?.()) continue;
    if (!existsSync(join(folder, "countersign.lock"))) continue;
    const lock = await lockFolder(folder).catch(() => undefined);
    if (lock === undefined) continue;
    const left = readPostmaster(join(folder, "postgres"));
    if (left !== undefined) await endPostmaster(left.pid, join(folder, "postgres"));
    lock.release();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One PostgreSQL for the whole run; each test file clones its migrated database. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await sweep();
  // Before any test file asks: two of them at once would take it from under each other.
  await buildConsole();
  const dataDir = mkdtempSync(join(tmpdir(), prefix));
  chmodSync(dataDir, 0o755);
  const major = process.env.COUNTERSIGN_TEST_PG;
  const server = await startEmbedded({
    dataDir,
    log: silent,
    maxConnections: 300,
    ...(major === undefined ? {} : { package: `pg${major}` }),
  });
  const teardown = async () => {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    const owner = openDb(server.owner, { log: silent, max: 2 });
    await migrate(owner);
    await owner.close();
  } catch (error) {
    await teardown();
    throw error;
  }
  project.provide("testDatabase", {
    owner: plain(server.owner),
    app: plain(server.app),
    admin: plain(server.admin),
    template: server.owner.database,
    major: Number.parseInt(server.version, 10),
  });
  return teardown;
}
