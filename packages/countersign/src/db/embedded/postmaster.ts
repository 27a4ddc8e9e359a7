import { readFileSync, readlinkSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

/** What PostgreSQL writes about itself into `postmaster.pid`. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly socketFolder: string;
  readonly isReady: boolean;
}

export function readPostmaster(cluster: string): Postmaster | undefined {
  let lines: string[];
  try {
    lines = readFileSync(join(cluster, "postmaster.pid"), "utf8").split("\n");
  } catch {
    return undefined;
  }
  const pid = Number.parseInt(lines[0] ?? "", 10);
  if (!(pid > 0)) return undefined;
  return {
    pid,
    port: Number(lines[3] ?? 0),
    socketFolder: (lines[4] ?? "").trim(),
    isReady: (lines[7] ?? "").trim() === "ready",
  };
}

/** Whether a process with this id is running; a zombie that nobody has reaped yet is not. */
export function isAlive(pid: number): boolean {
  if (!exists(pid)) return false;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3) !== "Z";
  } catch {
    return process.platform !== "linux";
  }
}

/** What `kill(pid, 0)` says, which is all that PostgreSQL asks: a zombie exists. */
function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Whether the process is a PostgreSQL server of this cluster, and not some other that got the same id later. */
export function isPostmasterOf(pid: number, cluster: string): boolean {
  if (!isAlive(pid)) return false;
  if (process.platform !== "linux") return true;
  try {
    const argv = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    if (!/^postgres/.test(basename(argv[0] ?? ""))) return false;
    if (argv.includes(cluster)) return true;
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(cluster);
  } catch {
    return false;
  }
}

/**
 * Makes a `postmaster.pid` stale whose process id went to another program, or is a zombie's; says whether it had to.
 * INVARIANT: the file stays. Its shared memory line is how PostgreSQL sees that backends of a dead postmaster still
 * write; only the id is replaced, by that of the parent of the next postmaster (ours), which PostgreSQL ignores.
 */
export function releasePid(cluster: string): boolean {
  const postmaster = readPostmaster(cluster);
  if (postmaster === undefined || !exists(postmaster.pid) || isPostmasterOf(postmaster.pid, cluster)) return false;
  const file = join(cluster, "postmaster.pid");
  const [, ...rest] = readFileSync(file, "utf8").split("\n");
  writeFileSync(file, [String(process.pid), ...rest].join("\n"));
  if (postmaster.socketFolder !== "")
    rmSync(join(postmaster.socketFolder, `.s.PGSQL.${postmaster.port}.lock`), { force: true });
  return true;
}
