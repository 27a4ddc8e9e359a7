import { createHash } from "node:crypto";
import type { z } from "zod";
import { Problem } from "../floor/problem.ts";
import { Damage } from "./damage.ts";
import {
  type About,
  aboutName,
  aboutSchema,
  backupFormat,
  keyFiles,
  keysFolder,
  type Manifest,
  manifestName,
  manifestSchema,
  tableOfPart,
} from "./manifest.ts";
import { readTar, type TarEntry } from "./tar.ts";

/** What whoever reads a backup does with its parts; each is called once, in the order of the file. */
export interface BackupReader {
  about(about: About): Promise<void>;
  key(name: string, bytes: Buffer): Promise<void>;
  /** Consumes all bytes of one table; how many rows they were, or undefined where it did not count them. */
  table(name: string, bytes: AsyncIterable<Buffer>): Promise<number | undefined>;
}

export interface BackupRead {
  /** Absent where not even that could be read. */
  readonly about?: About;
  readonly rows: number;
  /** What does not hold: a table that is another than was written, or damage that ended the reading. */
  readonly problems: readonly string[];
}

interface Seen {
  readonly sha256: string;
  readonly bytes: number;
  readonly rows: number | undefined;
}

/** Reads a backup from one end to the other, and compares each table with what the manifest says of it. */
export async function readBackup(source: AsyncIterable<Uint8Array>, reader: BackupReader): Promise<BackupRead> {
  const entries = new Ahead(readTar(source));
  let about: About | undefined;
  try {
    about = await readAbout(entries);
    await reader.about(about);
    const { manifest, seen } = await readParts(entries, reader);
    return {
      about,
      rows: manifest.tables.reduce((sum, { rows }) => sum + rows, 0),
      problems: problemsOf(manifest, seen),
    };
  } catch (thrown) {
    if (!(thrown instanceof Damage)) throw thrown;
    return {
      ...(about === undefined ? {} : { about }),
      rows: 0,
      problems: [`the backup is damaged: ${thrown.message}`],
    };
  }
}

async function readAbout(entries: Ahead): Promise<About> {
  try {
    const first = await entries.next();
    if (first?.name === aboutName) return parsed(aboutSchema, first);
  } catch (thrown) {
    if (!(thrown instanceof Damage) || thrown.isOurs) throw thrown;
  }
  throw new Problem("invalid", "this is not a backup of countersign", { help: "`countersign backup` makes one" });
}

async function readParts(
  entries: Ahead,
  reader: BackupReader,
): Promise<{ readonly manifest: Manifest; readonly seen: ReadonlyMap<string, Seen> }> {
  const seen = new Map<string, Seen>();
  let manifest: Manifest | undefined;
  for (let entry = await entries.peek(); entry !== undefined; entry = await entries.peek()) {
    const table = tableOfPart(entry.name);
    if (table !== undefined) {
      if (seen.has(table)) throw new Damage(`table \`${table}\` stands in it twice`);
      seen.set(table, await readTable(entries, table, reader));
      continue;
    }
    await entries.next();
    if (entry.name === manifestName) manifest = parsed(manifestSchema, entry);
    else if (entry.name.startsWith(keysFolder)) await readKey(entry, reader);
    else throw new Damage(`\`${entry.name.slice(0, 80)}\` does not belong in it`);
  }
  if (manifest === undefined) throw new Damage("it has no manifest: it was cut off");
  return { manifest, seen };
}

async function readTable(entries: Ahead, table: string, reader: BackupReader): Promise<Seen> {
  const hash = createHash("sha256");
  let bytes = 0;
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let entry = await entries.peek(); entry !== undefined; entry = await entries.peek()) {
      if (tableOfPart(entry.name) !== table) return;
      await entries.next();
      hash.update(entry.bytes);
      bytes += entry.bytes.length;
      yield entry.bytes;
    }
  }
  const rows = await reader.table(table, chunks());
  return { sha256: hash.digest("hex"), bytes, rows };
}

async function readKey({ name, bytes }: TarEntry, reader: BackupReader): Promise<void> {
  const file = keyFiles.find((one) => name === `${keysFolder}${one}`);
  if (file === undefined) throw new Damage(`\`${name.slice(0, 80)}\` is no key file`);
  await reader.key(file, bytes);
}

function problemsOf(manifest: Manifest, seen: ReadonlyMap<string, Seen>): readonly string[] {
  const problems: string[] = [];
  const named = new Set(manifest.tables.map(({ name }) => name));
  for (const table of manifest.tables) {
    const found = seen.get(table.name);
    if (found === undefined) problems.push(`table \`${table.name}\` is missing`);
    else if (found.sha256 !== table.sha256 || found.bytes !== table.bytes)
      problems.push(`table \`${table.name}\` is not the one that was written: its digest is another`);
    else if (found.rows !== undefined && found.rows !== table.rows)
      problems.push(`table \`${table.name}\` has \`${found.rows}\` rows and had \`${table.rows}\``);
  }
  for (const name of seen.keys()) if (!named.has(name)) problems.push(`table \`${name}\` is not in the manifest`);
  return problems;
}

function parsed<T>(schema: z.ZodType<T>, { name, bytes }: TarEntry): T {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8"));
  } catch {
    throw new Damage(`\`${name}\` is not JSON`);
  }
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const format = typeof value === "object" && value !== null && "format" in value ? value.format : backupFormat;
  if (format === backupFormat && name === aboutName)
    throw new Problem("conflict", "this backup has a form that this countersign does not know", {
      help: "a newer countersign made it: restore it with that version",
    });
  throw new Damage(`\`${name}\` is not what it should be`);
}

/** Looks one entry ahead. */
class Ahead {
  readonly #entries: AsyncGenerator<TarEntry>;
  #next: TarEntry | undefined;

  constructor(entries: AsyncGenerator<TarEntry>) {
    this.#entries = entries;
  }

  async peek(): Promise<TarEntry | undefined> {
    if (this.#next !== undefined) return this.#next;
    const { value, done } = await this.#entries.next();
    this.#next = done === true ? undefined : value;
    return this.#next;
  }

  async next(): Promise<TarEntry | undefined> {
    const entry = await this.peek();
    this.#next = undefined;
    return entry;
  }
}
