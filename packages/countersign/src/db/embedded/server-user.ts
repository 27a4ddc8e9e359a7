import { readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { Problem } from "../../floor/problem.ts";

/** The account that PostgreSQL runs under; `undefined` where it runs as whoever started us. */
export interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

const candidates = ["countersign", "postgres", "_postgres", "nobody", "daemon"];

/** PostgreSQL refuses to run as root: choose an unprivileged account that exists; none is ever created. */
export function findServerUser(passwd = "/etc/passwd"): ServerUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const found = new Map<string, ServerUser>();
  for (const line of readFileSync(passwd, "utf8").split("\n")) {
    const [name, , uid, gid] = line.split(":");
    if (name && Number(uid) > 0 && Number(gid) > 0) found.set(name, { name, uid: Number(uid), gid: Number(gid) });
  }
  for (const name of candidates) {
    const user = found.get(name);
    if (user) return user;
  }
  throw new Problem("unavailable", "postgres cannot run as root and no unprivileged account was found", {
    help: `start countersign as an ordinary user, or create one of these accounts: ${candidates.join(", ")}`,
  });
}

/** Whether `user` can walk through every folder above `path`. Group membership beyond the first is not counted. */
export function isReachable(path: string, user: ServerUser | undefined): boolean {
  if (user === undefined) return true;
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (!mayEnter(folder, user)) return false;
    if (folder === dirname(folder)) return true;
  }
}

function mayEnter(folder: string, user: ServerUser): boolean {
  const { mode, uid, gid } = statSync(folder);
  if (uid === user.uid) return (mode & 0o100) !== 0;
  if (gid === user.gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
}

/** Whether nobody but root and us can put something else at `path`: every ancestor is theirs and closed, or sticky. */
export function isSafeFromOthers(path: string): boolean {
  const ours = process.getuid?.();
  if (ours === undefined) return true;
  for (let folder = path; ; folder = dirname(folder)) {
    const { mode, uid, gid } = statSync(folder);
    const isSticky = (mode & 0o1000) !== 0 && folder !== path;
    const open = gid === process.getgid?.() ? 0o002 : 0o022;
    if ((uid !== 0 && uid !== ours) || ((mode & open) !== 0 && !isSticky)) return false;
    if (folder === dirname(folder)) return true;
  }
}
