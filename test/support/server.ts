import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { inject } from "vitest";
import type { Db } from "../../packages/countersign/src/db/db.ts";
import { type Embedded, startEmbedded } from "../../packages/countersign/src/db/embedded.ts";
import { migrate } from "../../packages/countersign/src/db/migrate.ts";
import { openDb } from "../../packages/countersign/src/db/pool.ts";
import { silent } from "../../packages/countersign/src/floor/log.ts";

/** A migrated PostgreSQL of a test's own, which it may kill; it comes back by itself at the same address. */
export interface TestServer {
  readonly server: Embedded;
  readonly db: Db;
  readonly owner: Db;
  /** `kill -9`; resolves when it runs again and has recovered. */
  crash(): Promise<void>;
  close(): Promise<void>;
}

/** Takes a second or two: for tests of crashes. Others clone a database with `openTestDatabase`. */
export async function openTestServer(): Promise<TestServer> {
  const dataDir = mkdtempSync(join(tmpdir(), "countersign-test-"));
  chmodSync(dataDir, 0o755);
  const major = inject("testDatabase").major;
  const server = await startEmbedded({ dataDir, log: silent, ...(major === 15 ? { package: "pg15" } : {}) });
  const db = openDb(server.app, { log: silent, max: 10 });
  const owner = openDb(server.owner, { log: silent, max: 4 });
  await migrate(owner);
  return {
    server,
    db,
    owner,
    async crash() {
      const before = server.pid();
      process.kill(before, "SIGKILL");
      while (server.pid() === before) await sleep(20);
    },
    async close() {
      await Promise.all([db.close(), owner.close()]);
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
