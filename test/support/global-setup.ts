import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import type { DbAddress } from "../../packages/countersign/src/db/address.ts";
import { startEmbedded } from "../../packages/countersign/src/db/embedded.ts";
import { migrate } from "../../packages/countersign/src/db/migrate.ts";
import { openDb } from "../../packages/countersign/src/db/pool.ts";
import { silent } from "../../packages/countersign/src/floor/log.ts";

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

/** One PostgreSQL for the whole run; each test file clones its migrated database. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = mkdtempSync(join(tmpdir(), "countersign-test-"));
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
