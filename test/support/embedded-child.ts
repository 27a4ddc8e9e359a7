// A product in miniature that a test may kill: starts the embedded server, reports, drains on SIGINT.
import { startEmbedded } from "../../packages/countersign/src/db/embedded.ts";
import { openDb } from "../../packages/countersign/src/db/pool.ts";
import { silent } from "../../packages/countersign/src/floor/log.ts";

const [dataDir = "", name = ""] = process.argv.slice(2);
const server = await startEmbedded({ dataDir, log: silent, ...(name === "" ? {} : { package: name }) });
process.on("SIGINT", async () => {
  await new Promise((resolve) => setTimeout(resolve, 300));
  const db = openDb(server.admin, { log: silent });
  await db.query("select 1");
  await db.close();
  await server.stop();
  process.exit(7);
});
console.log(JSON.stringify({ pid: server.pid(), adopted: server.adopted }));
setInterval(() => {}, 1_000);
