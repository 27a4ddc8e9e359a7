import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { formatVkey, isKeyName, parseVkey, type Trust } from "@countersign/contract";
import type { Db, Tx } from "../db/db.ts";
import { Problem } from "../floor/problem.ts";
import { insertFirstKey, latestCheckpoint, logKeys } from "./log-sql.ts";

/** Signs for the log. Where the key lies is the business of whoever made it: a file here, a key service elsewhere. */
export interface Signer {
  readonly name: string;
  /** 8 hex digits. */
  readonly id: string;
  /** `name+id+base64`, as trust files have it. */
  readonly vkey: string;
  /** Ed25519. */
  sign(bytes: Uint8Array): Buffer;
}

const pkcs8 = Buffer.from("302e020100300506032b657004220420", "hex");
const file = "signing-key";
const nextFile = "signing-key.next";

/** `previous` is there from the checkpoint that turned the key until `finishRotation`. */
export interface LogKeys {
  readonly current: Signer;
  readonly previous?: Signer;
}

/**
 * The log's signing key in the data folder. It is made once, when the log has no key at all; a log that has one and
 * cannot find it here is a refusal, never a second key.
 */
export async function openSigningKey(db: Db, folder: string, origin: string): Promise<LogKeys> {
  if (!isKeyName(origin)) throw new Problem("invalid", `the log's name \`${origin}\` must not hold spaces or a plus`);
  const path = join(folder, file);
  if (!existsSync(path)) {
    if ((await logKeys(db)).length > 0) throw missingKey(path);
    await writeKey(path, origin);
  }
  const signer = await readKey(path);
  if (signer.name !== origin) throw missingKey(path);
  await insertFirstKey(db, signer.vkey);
  const current = (await logKeys(db)).find((row) => row.from_size !== null && row.until_size === null);
  if (current?.vkey === signer.vkey) return { current: signer };
  const next = await openNextKey(folder);
  if (next === undefined || next.vkey !== current?.vkey) throw missingKey(path);
  return { current: next, previous: signer };
}

function missingKey(path: string): Problem {
  return new Problem("conflict", "the signing key of this log is not here", {
    help: `restore \`${path}\` from its backup, or start with an empty database`,
  });
}

/** The key that a rotation has prepared. */
export async function openNextKey(folder: string): Promise<Signer | undefined> {
  const path = join(folder, nextFile);
  return existsSync(path) ? readKey(path) : undefined;
}

export async function makeNextKey(folder: string, origin: string): Promise<Signer> {
  rmSync(join(folder, nextFile), { force: true });
  await writeKey(join(folder, nextFile), origin);
  return readKey(join(folder, nextFile));
}

/** Puts the next key in the place of the old, whose private half is gone from then on. */
export function swapKeys(folder: string): void {
  if (!existsSync(join(folder, nextFile))) return;
  renameSync(join(folder, nextFile), join(folder, file));
  syncFolder(folder);
}

/** One line in the form of Go's note package: `PRIVATE+KEY+name+id+base64(0x01 || seed)`. */
async function writeKey(path: string, origin: string): Promise<void> {
  const { privateKey } = generateKeyPairSync("ed25519");
  const { id } = await signerOf(origin, privateKey);
  const seed = privateKey.export({ format: "der", type: "pkcs8" }).subarray(-32);
  const unfinished = `${path}.tmp${process.pid}`;
  const handle = openSync(unfinished, "wx", 0o600);
  writeSync(handle, `PRIVATE+KEY+${origin}+${id}+${Buffer.concat([Buffer.from([1]), seed]).toString("base64")}\n`);
  fsyncSync(handle);
  closeSync(handle);
  try {
    // Unlike a rename, a link never takes the place of a key that another process made meanwhile.
    linkSync(unfinished, path);
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "EEXIST")) throw cause;
  } finally {
    rmSync(unfinished, { force: true });
  }
  syncFolder(dirname(path));
}

function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const handle = openSync(folder, "r");
  fsyncSync(handle);
  closeSync(handle);
}

async function readKey(path: string): Promise<Signer> {
  if (process.platform !== "win32" && (statSync(path).mode & 0o077) !== 0) {
    throw new Problem("conflict", `others can read the signing key \`${path}\``, { help: `chmod 600 ${path}` });
  }
  const parts = /^PRIVATE\+KEY\+([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})\n?$/.exec(readFileSync(path, "utf8"));
  const bytes = Buffer.from(parts?.[3] ?? "", "base64");
  if (parts?.[1] === undefined || bytes.length !== 33 || bytes[0] !== 1) {
    throw new Problem("conflict", `\`${path}\` is not a signing key`, { help: "restore it from its backup" });
  }
  const key = createPrivateKey({ key: Buffer.concat([pkcs8, bytes.subarray(1)]), format: "der", type: "pkcs8" });
  const signer = await signerOf(parts[1], key);
  if (signer.id !== parts[2])
    throw new Problem("conflict", `\`${path}\` is damaged`, { help: "restore it from its backup" });
  return signer;
}

/** A signer over a key that lies in memory. */
export async function signerOf(name: string, key: KeyObject): Promise<Signer> {
  const publicKey = createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32);
  const vkey = await formatVkey(name, publicKey);
  const { id } = await parseVkey(vkey);
  return { name, id, vkey, sign: (bytes) => sign(null, bytes, key) };
}

/** What a verifier pins: the log's public keys with the tree sizes that each may sign for, and the latest checkpoint. */
export async function trustFile(tx: Tx, origin: string): Promise<Trust> {
  const keys = (await logKeys(tx)).flatMap((row) =>
    row.from_size === null
      ? []
      : [{ vkey: row.vkey, from: row.from_size, ...(row.until_size === null ? {} : { until: row.until_size }) }],
  );
  const latest = await latestCheckpoint(tx);
  return { origin, keys, ...(latest === null ? {} : { lastCheckpoint: latest.note }) };
}
