// Writes packages/countersign/schema.sql from the migrations: node scripts/dump-schema.ts
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startEmbedded } from "../packages/countersign/src/db/embedded.ts";
import { migrate } from "../packages/countersign/src/db/migrate.ts";
import { openDb } from "../packages/countersign/src/db/pool.ts";
import { describeSchema } from "../packages/countersign/src/db/schema.ts";
import { silent } from "../packages/countersign/src/floor/log.ts";

const target = fileURLToPath(new URL("../packages/countersign/schema.sql", import.meta.url));
const dataDir = mkdtempSync(join(tmpdir(), "countersign-schema-"));
chmodSync(dataDir, 0o755);
const server = await startEmbedded({ dataDir, log: silent });
try {
  const owner = openDb(server.owner, { log: silent, max: 2 });
  await migrate(owner);
  writeFileSync(target, await describeSchema(owner));
  await owner.close();
  console.log(`wrote ${target}`);
} finally {
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
