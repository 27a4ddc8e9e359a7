import { createHash } from "node:crypto";
import type { Session } from "../db/db.ts";
import { type About, aboutName, keysFolder, type ManifestTable, manifestName, partName } from "./manifest.ts";
import { beginSnapshot, copyOutText, migrationsIn, postgresMajor, type Table, tablesInOrder } from "./sql.ts";
import { tarEnd, tarEntry } from "./tar.ts";

export interface BackupParts {
  /** A session of one's own; it ends with the backup. */
  readonly session: Session;
  readonly countersign: string;
  readonly madeAt: string;
  /** Name and latest checkpoint of the log, as this session's snapshot has them. */
  readonly readLog: (session: Session) => Promise<Pick<About, "origin" | "size" | "note">>;
  /** Key files to put in, by name. */
  readonly keys: ReadonlyMap<string, Buffer>;
  readonly progress: (done: number, all: number) => void;
  /** Told how many rows each table had. */
  readonly counted: (rows: number) => void;
}

const partBytes = 4 * 1024 * 1024;

/** The bytes of a backup: one snapshot of all tables, as a tar file. Its first entry says what it is, its last what must be in it. */
export async function* writeBackup(parts: BackupParts): AsyncGenerator<Buffer, About> {
  const { session, keys, progress } = parts;
  await beginSnapshot(session);
  const tables = await tablesInOrder(session);
  const about: About = {
    format: "countersign backup",
    v: 1,
    countersign: parts.countersign,
    madeAt: parts.madeAt,
    postgres: await postgresMajor(session),
    migrations: [...(await migrationsIn(session))],
    ...(await parts.readLog(session)),
    keys: keys.size > 0,
  };
  yield jsonEntry(aboutName, about);
  for (const [name, bytes] of keys) yield tarEntry({ name: `${keysFolder}${name}`, bytes });
  const all = tables.reduce((sum, { bytes }) => sum + bytes, 0);
  const listed: ManifestTable[] = [];
  let done = 0;
  for (const table of tables) {
    const before = done;
    const written = yield* writeTable(session, table, (bytes) => progress(Math.min(before + bytes, all), all));
    listed.push(written);
    parts.counted(written.rows);
    done += table.bytes;
  }
  progress(all, all);
  yield jsonEntry(manifestName, { tables: listed });
  yield tarEnd;
  await session.query("commit");
  return about;
}

async function* writeTable(
  session: Session,
  table: Table,
  progress: (bytes: number) => void,
): AsyncGenerator<Buffer, ManifestTable> {
  const hash = createHash("sha256");
  let waiting: Buffer[] = [];
  let size = 0;
  let bytes = 0;
  let part = 0;
  const copied = session.copyOut(copyOutText(table));
  for await (const chunk of copied.bytes) {
    hash.update(chunk);
    waiting.push(chunk);
    size += chunk.length;
    bytes += chunk.length;
    if (size < partBytes) continue;
    yield tarEntry({ name: partName(table.name, ++part), bytes: Buffer.concat(waiting) });
    waiting = [];
    size = 0;
    progress(bytes);
  }
  if (size > 0) yield tarEntry({ name: partName(table.name, ++part), bytes: Buffer.concat(waiting) });
  return { name: table.name, columns: [...table.columns], rows: copied.rows(), bytes, sha256: hash.digest("hex") };
}

function jsonEntry(name: string, value: object): Buffer {
  return tarEntry({ name, bytes: Buffer.from(`${JSON.stringify(value, null, 1)}\n`) });
}
