import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { requireDurable } from "../../packages/countersign/src/db/durability.ts";
import { type Embedded, startEmbedded } from "../../packages/countersign/src/db/embedded.ts";
import { sqlStateOf } from "../../packages/countersign/src/db/failure.ts";
import { watch } from "../../packages/countersign/src/db/listen.ts";
import { migrate } from "../../packages/countersign/src/db/migrate.ts";
import { openDb } from "../../packages/countersign/src/db/pool.ts";
import { silent } from "../../packages/countersign/src/floor/log.ts";
import { urlOf } from "../support/database.ts";

let server: Embedded | undefined;
let dataDir: string | undefined;
afterEach(async () => {
  await server?.stop();
  if (dataDir !== undefined) rmSync(dataDir, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => probe.once("listening", resolve));
  const at = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof at === "object" && at !== null ? at.port : 0;
}

it.each([
  ["18", {}],
  ["15", { package: "pg15" }],
])("a postgres %s server behind a DATABASE_URL", async (major, more) => {
  dataDir = mkdtempSync(join(tmpdir(), "countersign-server-"));
  chmodSync(dataDir, 0o755);
  server = await startEmbedded({ dataDir, log: silent, tcpPort: await freePort(), ...more });
  const owner = openDb(urlOf(server.owner), { log: silent, max: 2 });
  const db = openDb(urlOf(server.app), { log: silent });
  expect(urlOf(server.app)).toMatch(/@127\.0\.0\.1:\d+\/countersign$/);
  expect((await migrate(owner)).length).toBeGreaterThan(0);
  expect(await migrate(owner)).toEqual([]);
  const version = await db.query<{ major: number }>(
    "select current_setting('server_version_num')::int / 10000 as major",
  );
  expect(version.rows[0]?.major).toBe(Number(major));
  await requireDurable(db);
  expect(sqlStateOf(await db.query("delete from entry").catch((e: unknown) => e))).toBe("42501");

  let looks = 0;
  const watching = watch(db, "news", {
    everyMs: 600_000,
    onChange: () => {
      looks += 1;
    },
  });
  await vi.waitFor(() => expect(looks).toBe(2), { timeout: 20_000 });
  await owner.query("notify news");
  await vi.waitFor(() => expect(looks).toBe(3), { timeout: 20_000 });
  await watching.stop();
  await Promise.all([owner.close(), db.close()]);
});
