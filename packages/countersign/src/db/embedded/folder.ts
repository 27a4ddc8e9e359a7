import { hash, randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Problem } from "../../floor/problem.ts";
import { diskProblem } from "./binaries.ts";
import { isReachable, type ServerUser } from "./server-user.ts";

/** Where everything of one embedded server lies. */
export interface Layout {
  readonly root: string;
  /** PGDATA. */
  readonly cluster: string;
  /** Holds the unix socket; only the server user may enter. */
  readonly sockets: string;
  readonly log: string;
}

/** The passwords of the three roles, in a file that only we can read. */
export interface Keys {
  readonly admin: string;
  readonly owner: string;
  readonly app: string;
}

const rootState = "/var/lib/countersign";
/** `sun_path` holds 108 bytes with its closing zero. */
const maxSocketBytes = 107;

export function openFolder(dataDir: string, user: ServerUser | undefined): string {
  try {
    if (!existsSync(dataDir)) {
      mkdirSync(dataDir, { recursive: true });
      chmodSync(dataDir, user === undefined ? 0o700 : 0o711);
    }
    if (!existsSync(join(dataDir, ".gitignore"))) writeFileSync(join(dataDir, ".gitignore"), "*\n");
    return realpathSync(dataDir);
  } catch (cause) {
    throw diskProblem(dataDir, cause);
  }
}

/** Folders that may hold a copy of the binaries, best first. */
export function binaryHomes(root: string, user: ServerUser | undefined): string[] {
  return user === undefined ? [root] : [rootState, root, "/opt/countersign", join(tmpdir(), "countersign-root")];
}

/**
 * Chooses where the cluster and its socket live. A cluster that the server user could not reach under `root` goes to
 * the system's state folder, and a socket whose path would be too long to a short one; a note in `root` says where.
 */
export function layOut(root: string, user: ServerUser | undefined): Layout {
  const near = isReachable(join(root, "postgres"), user);
  const home = notedFolder(root, "postgres-is-at", () => (near ? root : farHome(root)));
  const cluster = join(home, "postgres");
  try {
    mkdirSync(home, { recursive: true, mode: 0o755 });
    return { root, cluster, sockets: chooseSockets(root, home, user), log: join(root, "postgres.log") };
  } catch (cause) {
    throw cause instanceof Problem ? cause : diskProblem(home, cause);
  }
}

/** A cluster that no note leads to belongs to a folder that once was here and was removed: its passwords went with it. */
function farHome(root: string): string {
  const usual = join(rootState, hash("sha256", root, "hex").slice(0, 16));
  return existsSync(join(usual, "postgres")) ? `${usual}-${randomBytes(4).toString("hex")}` : usual;
}

function notedFolder(root: string, name: string, choose: () => string): string {
  const note = join(root, name);
  if (existsSync(note)) return readFileSync(note, "utf8").trim();
  const folder = choose();
  if (folder !== root) writeFileSync(note, `${folder}\n`);
  return folder;
}

function chooseSockets(root: string, home: string, user: ServerUser | undefined): string {
  const usual = join(home, "run");
  if (fits(usual)) {
    mkdirSync(usual, { recursive: true, mode: 0o700 });
    give(usual, user);
    return usual;
  }
  const note = join(root, "socket-is-at");
  const before = existsSync(note) ? readFileSync(note, "utf8").trim() : undefined;
  if (before !== undefined && isClosed(before, user)) return before;
  const short = [`/run/user/${process.getuid?.()}`, "/run", tmpdir(), "/tmp"].find(
    (at) => fits(join(at, "cs-XXXXXX")) && isWritable(at),
  );
  if (short === undefined) throw new Problem("unavailable", "there is no folder for a socket with a short enough path");
  const made = mkdtempSync(join(short, "cs-"));
  give(made, user);
  writeFileSync(note, `${made}\n`);
  return made;
}

const fits = (folder: string) => Buffer.byteLength(join(folder, ".s.PGSQL.5432")) <= maxSocketBytes;

function isWritable(folder: string): boolean {
  try {
    const { uid, mode } = lstatSync(folder);
    return uid === process.getuid?.() || (mode & 0o1002) === 0o1002;
  } catch {
    return false;
  }
}

/** ATTACK: someone else made the folder first and waits for our password: it must be ours and closed. */
function isClosed(folder: string, user: ServerUser | undefined): boolean {
  try {
    const { mode, uid } = lstatSync(folder);
    return (mode & 0o170777) === 0o040700 && uid === (user?.uid ?? process.getuid?.());
  } catch {
    return false;
  }
}

export function give(path: string, user: ServerUser | undefined): void {
  if (user !== undefined) chownSync(path, user.uid, user.gid);
}

/** Makes a rename survive a power cut: what the cluster confirms later hangs on the cluster's own name. */
export function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const at = openSync(folder, "r");
  try {
    fsyncSync(at);
  } finally {
    closeSync(at);
  }
}

/** Reads the passwords of this folder's roles; makes them the first time. */
export function readKeys(root: string): Keys {
  const file = join(root, "database-keys.json");
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as Keys;
  const make = () => randomBytes(24).toString("hex");
  const keys: Keys = { admin: make(), owner: make(), app: make() };
  try {
    writeFileSync(`${file}.new`, JSON.stringify(keys), { mode: 0o600, flush: true });
    renameSync(`${file}.new`, file);
    syncFolder(root);
  } catch (cause) {
    throw diskProblem(root, cause);
  }
  return keys;
}
