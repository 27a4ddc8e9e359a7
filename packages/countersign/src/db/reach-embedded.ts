import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { Problem } from "../floor/problem.ts";
import { addressOf, appRole, type DbAddress, databaseName } from "./address.ts";
import { layOut, readKeys } from "./embedded/folder.ts";
import { isPostmasterOf, readPostmaster } from "./embedded/postmaster.ts";
import { findServerUser } from "./embedded/server-user.ts";
import { type Embedded, type EmbeddedOptions, startEmbedded } from "./embedded.ts";

/** The embedded server of a folder for somebody who only reads: the one that runs there, else it is started for as long. */
export async function reachEmbedded(options: EmbeddedOptions): Promise<Pick<Embedded, "app" | "stop">> {
  const { dataDir } = options;
  if (!existsSync(join(dataDir, "database-keys.json"))) {
    throw new Problem("not_found", `there is no database in \`${dataDir}\``, {
      help: "name the data folder with `--data` or COUNTERSIGN_DATA",
    });
  }
  try {
    return await startEmbedded(options);
  } catch (thrown) {
    // Somebody else runs it: then it is read beside them.
    const running = thrown instanceof Problem && thrown.code === "conflict" ? runningIn(dataDir) : undefined;
    if (running === undefined) throw thrown;
    return { app: running, stop: async () => undefined };
  }
}

function runningIn(dataDir: string): DbAddress | undefined {
  const root = realpathSync(dataDir);
  const { cluster } = layOut(root, findServerUser());
  const found = readPostmaster(cluster);
  if (found === undefined || !isPostmasterOf(found.pid, cluster)) return undefined;
  const place =
    found.socketFolder === ""
      ? { host: "127.0.0.1", port: found.port }
      : { host: found.socketFolder, port: found.port };
  return addressOf(place, databaseName, appRole, readKeys(root).app);
}
