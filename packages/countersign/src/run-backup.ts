import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { link, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { parseVkey } from "@countersign/contract";
import { type About, type BackupMade, type BackupOptions, keyFiles, sealFile, writeBackup } from "./backup/index.ts";
import { type Config, readConfig } from "./config.ts";
import type { Db } from "./db/db.ts";
import { openDb, reachEmbedded } from "./db/index.ts";
import { iso, systemClock } from "./floor/clock.ts";
import { silent } from "./floor/log.ts";
import { Problem } from "./floor/problem.ts";
import { versionOf } from "./floor/version.ts";
import { latestCheckpoint, logKeys } from "./ledger/log-sql.ts";
import { readPrivateFile } from "./secrets/index.ts";

/** Writes a backup of everything, beside a server that runs or without one. Complete or not there at all. */
export async function runBackup(options: BackupOptions): Promise<BackupMade> {
  const { file, to, withKeys, progress } = options;
  const config = readConfig({
    ...options.env,
    ...(options.data === undefined ? {} : { COUNTERSIGN_DATA: options.data }),
  });
  if (existsSync(file)) throw new Problem("conflict", `\`${file}\` is there already`, { help: "name a new file" });
  const keys = withKeys ? keysIn(config.dataFolder) : new Map<string, Buffer>();
  const { db, close } = await reach(config);
  const unfinished = `${file}.unfinished`;
  try {
    const session = await db.connect();
    try {
      let rows = 0;
      const made = writeBackup({
        session,
        countersign: versionOf(),
        madeAt: iso(systemClock.now()),
        keys,
        progress,
        readLog: async (tx) => {
          const [first] = await logKeys(tx);
          const latest = await latestCheckpoint(tx);
          const origin = first === undefined ? null : (await parseVkey(first.vkey)).name;
          return { origin, size: latest?.size ?? 0, note: latest?.note ?? null };
        },
        counted: (count) => {
          rows += count;
        },
      });
      const ended: About[] = [];
      const whole = (async function* whole(): AsyncGenerator<Buffer> {
        ended.push(yield* made);
      })();
      const written = await writeFile(unfinished, await sealFile(whole, to));
      const [about] = ended;
      if (about === undefined) throw new Problem("bug", "the backup ended before it was whole");
      await link(unfinished, file);
      const { madeAt, size } = about;
      return { file, ...written, madeAt, size, rows, encrypted: to.length > 0, keys: withKeys };
    } finally {
      await session.end();
    }
  } finally {
    await rm(unfinished, { force: true });
    await close();
  }
}

async function writeFile(path: string, bytes: AsyncIterable<Uint8Array>): Promise<{ bytes: number; sha256: string }> {
  await rm(path, { force: true });
  const hash = createHash("sha256");
  let size = 0;
  await using handle = await open(path, "wx", 0o600).catch((cause: unknown) => {
    throw new Problem("invalid", `\`${path}\` cannot be written`, { cause });
  });
  for await (const chunk of bytes) {
    hash.update(chunk);
    size += chunk.length;
    await handle.write(chunk);
  }
  await handle.sync();
  return { bytes: size, sha256: hash.digest("hex") };
}

function keysIn(folder: string): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (const name of keyFiles) {
    const path = join(folder, name);
    if (existsSync(path)) found.set(name, readPrivateFile(path));
  }
  if (found.size === 0) throw new Problem("not_found", `there are no key files in \`${folder}\``);
  return found;
}

async function reach(config: Config): Promise<{ db: Db; close(): Promise<void> }> {
  if (config.databaseUrl !== undefined) {
    const db = openDb(config.databaseUrl.reveal(), { log: silent, max: 2 });
    return { db, close: () => db.close() };
  }
  const embedded = await reachEmbedded({ dataDir: config.dataFolder, log: silent });
  const db = openDb(embedded.app, { log: silent, max: 2 });
  return {
    db,
    async close() {
      await db.close();
      await embedded.stop();
    },
  };
}
