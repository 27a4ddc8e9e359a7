import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { Problem } from "../floor/problem.ts";
import type { SealingKey } from "./sealer.ts";

/** Reads a file that only its owner may read; refuses one that others can. */
export function readPrivateFile(path: string): Buffer {
  const file = openSync(path, "r");
  try {
    const { mode, uid, size } = fstatSync(file);
    const others = mode & 0o077;
    if (process.platform !== "win32" && others !== 0) {
      throw new Problem(
        "unavailable",
        `\`${path}\` can be read or written by others (mode ${(mode & 0o777).toString(8).padStart(4, "0")})`,
        {
          help: `run \`chmod 600 ${path}\`, and rotate the key if others have used this machine`,
        },
      );
    }
    const own = process.getuid?.();
    if (own !== undefined && own !== 0 && uid !== own) {
      throw new Problem("unavailable", `\`${path}\` belongs to another user`, {
        help: `run \`chown $(id -u) ${path}\``,
      });
    }
    if (size > 1_048_576) throw new Problem("unavailable", `\`${path}\` is not a key file: it is too large`);
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

/**
 * Creates a file of mode 0600 that is either not there or complete: written beside and linked, so that of two processes
 * one wins and the other reads what won. False where it is there already.
 */
export function createPrivateFile(path: string, content: Uint8Array): boolean {
  const beside = writeBeside(path, content);
  try {
    linkSync(beside, path);
    return true;
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "EEXIST") return false;
    throw thrown;
  } finally {
    unlinkSync(beside);
  }
}

export function replacePrivateFile(path: string, content: Uint8Array): void {
  renameSync(writeBeside(path, content), path);
}

function writeBeside(path: string, content: Uint8Array): string {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const beside = join(dirname(path), `.${randomBytes(8).toString("hex")}.new`);
  // `wx` is O_CREAT | O_EXCL: it follows no link that somebody has laid out.
  const file = openSync(beside, "wx", 0o600);
  try {
    writeSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  chmodSync(beside, 0o600);
  return beside;
}

/** One key a line: `<id> <64 hex digits>`; the first is in force. */
export function formatKeys(keys: readonly SealingKey[]): Buffer {
  return Buffer.from(`${keys.map(({ id, key }) => `${id} ${key.toString("hex")}`).join("\n")}\n`);
}

export function parseKeys(content: Buffer, path: string): SealingKey[] {
  const lines = content
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "");
  const keys = lines.map((line) => /^([0-9a-f]{8}) ([0-9a-f]{64})$/.exec(line));
  const parsed: SealingKey[] = [];
  for (const key of keys) {
    if (key?.[1] !== undefined && key[2] !== undefined) parsed.push({ id: key[1], key: Buffer.from(key[2], "hex") });
  }
  // The content is never quoted: it is the key.
  if (parsed.length === 0 || parsed.length !== lines.length) {
    throw new Problem("unavailable", `\`${path}\` is not a key file`, { help: "restore it from a backup" });
  }
  return parsed;
}

export function freshKey(): SealingKey {
  return { id: randomBytes(4).toString("hex"), key: randomBytes(32) };
}
