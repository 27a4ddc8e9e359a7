import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { keyFiles } from "./backup/manifest.ts";
import { hasData } from "./backup/sql.ts";
import type { Config } from "./config.ts";
import type { Db } from "./db/db.ts";
import { openDb, startEmbedded } from "./db/index.ts";
import { silent } from "./floor/log.ts";
import { Problem } from "./floor/problem.ts";

/** An empty database that a backup can be restored into. */
export interface RestoreTarget {
  readonly owner: Db;
  close(): Promise<void>;
  /** Leaves nothing of an attempt that came to nothing, so that it can be repeated. */
  discard(): Promise<void>;
}

export async function openTarget(config: Config): Promise<RestoreTarget> {
  if (config.databaseUrl !== undefined) {
    const owner = openDb((config.databaseAdminUrl ?? config.databaseUrl).reveal(), { log: silent, max: 4 });
    const close = () => owner.close();
    if (await hasData(owner)) {
      await close();
      throw new Problem("conflict", "there are records in the database already", {
        help: "restore into a new, empty database",
      });
    }
    return { owner, close, discard: close };
  }
  const embedded = await startEmbedded({ dataDir: config.dataFolder, log: silent });
  const owner = openDb(embedded.owner, { log: silent, max: 4 });
  const close = async (): Promise<void> => {
    await owner.close();
    await embedded.stop();
  };
  return {
    owner,
    close,
    async discard() {
      await close();
      clear(config.dataFolder);
    },
  };
}

/** Removes what this start of the embedded server made; the folder held nothing but key files before. */
function clear(folder: string): void {
  const note = join(folder, "postgres-is-at");
  if (existsSync(note)) rmSync(readFileSync(note, "utf8").trim(), { recursive: true, force: true });
  const kept: readonly string[] = keyFiles;
  for (const name of readdirSync(folder)) {
    if (!kept.includes(name)) rmSync(join(folder, name), { recursive: true, force: true });
  }
}
