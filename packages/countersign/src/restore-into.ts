import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type RestoreOptions, type RestoreReport, writeRestoredNote } from "./backup/index.ts";
import { loadBackup } from "./backup/load-backup.ts";
import type { BackupReader, readBackup } from "./backup/read-backup.ts";
import { endLoad, stopAll } from "./backup/sql.ts";
import type { Config } from "./config.ts";
import type { Db } from "./db/db.ts";
import { iso, systemClock } from "./floor/clock.ts";
import { newId } from "./floor/id.ts";
import { createPrivateFile } from "./secrets/index.ts";
import { type Verdict, verifyRestored } from "./verify-restored.ts";

export interface Restoring {
  readonly owner: Db;
  readonly config: Config;
  readonly options: RestoreOptions;
  readonly read: (reader: BackupReader) => ReturnType<typeof readBackup>;
  readonly digest: () => string;
}

const unverified: Verdict = {
  problems: [],
  size: 0,
  unsequenced: 0,
  underOwnKeys: true,
  anchors: [],
  missing: [],
};

/**
 * Loads, verifies and only then commits. INVARIANT: what is restored is stopped as a whole in the same transaction: what
 * was open in the backup may have run since, and nothing of it runs again before a person has looked.
 */
export async function restoreInto({ owner, config, options, read, digest }: Restoring): Promise<RestoreReport> {
  const session = await owner.connect();
  try {
    const appRole = config.databaseUrl !== undefined && config.databaseAdminUrl === undefined ? null : undefined;
    const loaded = await loadBackup({ owner, session, appRole, read });
    const { about, rows, keys } = loaded;
    const isRead = about !== undefined && loaded.problems.length === 0;
    const verdict = isRead ? await verifyRestored(session, options, config, keys) : unverified;
    const problems = [...loaded.problems, ...verdict.problems, ...rolledBack(verdict, about?.size ?? 0, options)];
    const report = { ...verdict, problems, rows, dataFolder: config.dataFolder, keysMissing: [], frozen: 0 };
    if (about === undefined || problems.length > 0) {
      await session.query("rollback");
      return { ...report, ...(about === undefined ? {} : { about }), holds: false, restored: false };
    }
    await endLoad(session);
    const stop = newId("stp");
    const frozen = await stopAll(session, stop, `restored from a backup of ${about.madeAt}: look what ran since`);
    await session.query("commit");
    await session.query("analyze");
    mkdirSync(config.dataFolder, { recursive: true, mode: 0o700 });
    for (const [name, bytes] of keys) createPrivateFile(join(config.dataFolder, name), bytes);
    writeRestoredNote(config.dataFolder, {
      v: 1,
      deed: newId("gov"),
      stop,
      frozen,
      restoredAt: iso(systemClock.now()),
      backup: { sha256: digest(), madeAt: about.madeAt, size: about.size, origin: about.origin },
      acceptRollback: options.acceptRollback ?? null,
    });
    return { ...report, about, holds: true, restored: true, stop, frozen, keysMissing: keysMissing(config.dataFolder) };
  } finally {
    await session.end();
  }
}

function rolledBack({ missing }: Verdict, ours: number, options: RestoreOptions): readonly string[] {
  if (options.acceptRollback !== undefined) return [];
  return missing.map(
    ({ anchor, seen }) =>
      `\`${anchor}\` has seen ${seen} entries and the backup holds ${ours}: it is older than what was there`,
  );
}

function keysMissing(folder: string): readonly string[] {
  const has = (name: string): boolean => existsSync(join(folder, name));
  return [
    ...(has("sealing.key") || has("sealing.key.age") ? [] : ["sealing.key"]),
    ...(has("signing-key") ? [] : ["signing-key"]),
  ];
}
