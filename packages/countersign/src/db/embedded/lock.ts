import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, readlinkSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Problem } from "../../floor/problem.ts";
import { diskProblem } from "./binaries.ts";
import { isAlive } from "./postmaster.ts";

/** Who holds a data folder. A process id alone may be reused; with its start time and its namespace it may not. */
interface Holder {
  readonly pid: number;
  /** Clock ticks since the boot, from the kernel; empty where it does not say. */
  readonly started: string;
  /** Machine, boot and process namespace: only within the same can a process id be looked up. */
  readonly place: string;
  readonly token: string;
}

const beatMs = 2_000;
const silentMs = 3 * beatMs + 500;
const settleMs = 60;

/** Holds `root` for this process until `release`; refuses with `conflict` while another process holds it. */
export async function lockFolder(root: string): Promise<{ release(): void }> {
  const file = join(root, "countersign.lock");
  const me: Holder = {
    pid: process.pid,
    started: startOf(process.pid),
    place: placeOf(),
    token: randomBytes(8).toString("hex"),
  };
  for (let round = 0; round < 20; round++) {
    if (take(file, me)) {
      if (round > 0) await sleep(settleMs);
      if (readHolder(file)?.token === me.token) return hold(file, me);
      continue;
    }
    const holder = readHolder(file);
    if (holder === undefined) continue;
    if (await isHeld(file, holder, me)) {
      throw new Problem("conflict", `another countersign (process ${holder.pid}) runs in \`${root}\``, {
        help: "stop that process first, or give this one a folder of its own with COUNTERSIGN_DATA",
      });
    }
    putAside(file, holder);
  }
  throw new Problem("conflict", `the lock of \`${root}\` is contested`, {
    help: "start countersign once, not several times",
  });
}

function take(file: string, me: Holder): boolean {
  const draft = `${file}.${me.token}`;
  try {
    writeFileSync(draft, JSON.stringify(me), { mode: 0o600 });
    linkSync(draft, file);
    return true;
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "EEXIST") return false;
    throw diskProblem(file, cause);
  } finally {
    rmSync(draft, { force: true });
  }
}

function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Holder;
  } catch {
    return undefined;
  }
}

async function isHeld(file: string, holder: Holder, me: Holder): Promise<boolean> {
  if (holder.place === me.place) return isAlive(holder.pid) && startOf(holder.pid) === holder.started;
  // Another container on the same volume, or another boot: nobody can look the process up, so wait for its heartbeat.
  const before = beatOf(file);
  for (let waited = 0; waited < silentMs; waited += 500) {
    await sleep(500);
    if (beatOf(file) !== before) return true;
  }
  return false;
}

const beatOf = (file: string) => statSync(file, { throwIfNoEntry: false })?.mtimeMs;

/** Interleaving: two starts see the same dead holder; the later one must not throw away the lock that the first took. */
function putAside(file: string, stale: Holder): void {
  const aside = `${file}.stale-${randomBytes(6).toString("hex")}`;
  try {
    renameSync(file, aside);
    if (readHolder(aside)?.token !== stale.token) linkSync(aside, file);
  } catch {
    // Someone else was quicker; the next round looks again.
  } finally {
    rmSync(aside, { force: true });
  }
}

function hold(file: string, me: Holder): { release(): void } {
  const timer = setInterval(() => {
    try {
      const now = new Date();
      utimesSync(file, now, now);
    } catch {
      // The folder is gone or cannot be written; within one machine the process itself is the proof.
    }
  }, beatMs);
  timer.unref();
  return {
    release() {
      clearInterval(timer);
      if (readHolder(file)?.token === me.token) rmSync(file, { force: true });
    },
  };
}

function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

function placeOf(): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${boot} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return hostname();
  }
}
