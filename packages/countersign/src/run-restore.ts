import { createHash } from "node:crypto";
import { createReadStream, existsSync, readdirSync, statSync } from "node:fs";
import { type BackupReader, openFile, type RestoreOptions, type RestoreReport, readBackup } from "./backup/index.ts";
import { keyFiles } from "./backup/manifest.ts";
import { type Config, readConfig } from "./config.ts";
import { Problem } from "./floor/problem.ts";
import { restoreInto } from "./restore-into.ts";
import { openTarget } from "./restore-target.ts";
import { readIdentity } from "./secrets/index.ts";

/**
 * Restores a backup into an empty data folder and an empty database: all of it, once everything was checked, or nothing.
 * What does not hold is in the report, not thrown.
 */
export async function runRestore(options: RestoreOptions): Promise<RestoreReport> {
  const config = readConfig({
    ...options.env,
    ...(options.data === undefined ? {} : { COUNTERSIGN_DATA: options.data }),
  });
  if (!existsSync(options.file)) throw new Problem("not_found", `there is no file \`${options.file}\``);
  const opened = await openBackup(options, config);
  if (options.checkOnly) return checked(opened, config);
  requireEmpty(config.dataFolder);
  const target = await openTarget(config);
  try {
    const report = await restoreInto({ ...opened, options, config, owner: target.owner });
    if (report.restored) await target.close();
    else await target.discard();
    return report;
  } catch (thrown) {
    await target.discard();
    throw thrown;
  }
}

interface OpenedBackup {
  readonly read: (reader: BackupReader) => ReturnType<typeof readBackup>;
  /** Of the file itself; known when it was read to its end. */
  readonly digest: () => string;
}

async function openBackup(options: RestoreOptions, config: Config): Promise<OpenedBackup> {
  const all = statSync(options.file).size;
  const hash = createHash("sha256");
  async function* bytes(): AsyncGenerator<Buffer> {
    let done = 0;
    for await (const chunk of createReadStream(options.file, { highWaterMark: 1024 * 1024 })) {
      hash.update(chunk as Buffer);
      done += (chunk as Buffer).length;
      options.progress(done, all);
      yield chunk as Buffer;
    }
  }
  const identityFile = options.identity ?? config.ageIdentityFile;
  const plain = await openFile(bytes(), () => (identityFile === undefined ? undefined : readIdentity(identityFile)));
  return { read: (reader) => readBackup(plain, reader), digest: () => hash.digest("hex") };
}

/** Reads everything and compares it with the manifest; touches nothing. */
async function checked({ read }: OpenedBackup, config: Config): Promise<RestoreReport> {
  const { about, rows, problems } = await read({
    about: async () => undefined,
    key: async () => undefined,
    async table(_, bytes) {
      for await (const _chunk of bytes);
      return undefined;
    },
  });
  return {
    holds: problems.length === 0,
    restored: false,
    problems,
    ...(about === undefined ? {} : { about }),
    rows,
    size: about?.size ?? 0,
    unsequenced: 0,
    underOwnKeys: true,
    anchors: [],
    missing: [],
    dataFolder: config.dataFolder,
    keysMissing: [],
    frozen: 0,
  };
}

/** Keys may lie there already: they are kept apart from backups. */
function requireEmpty(folder: string): void {
  if (!existsSync(folder)) return;
  const mayBe: readonly string[] = [...keyFiles, ".gitignore"];
  const other = readdirSync(folder).find((name) => !mayBe.includes(name));
  if (other !== undefined) {
    throw new Problem("conflict", `\`${folder}\` is not empty: there is \`${other}\``, {
      help: "name a new folder with `--data`; only the key files may be there already",
    });
  }
}
