import { spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../../floor/log.ts";
import { Problem } from "../../floor/problem.ts";
import type { Binaries } from "./binaries.ts";
import { diskProblem } from "./binaries.ts";
import { give, type Layout } from "./folder.ts";
import { serverEnv, startProblem } from "./initialise.ts";
import { isPostmasterOf, readPostmaster, releasePid } from "./postmaster.ts";
import type { ServerUser } from "./server-user.ts";
import { hbaConf, type Listening, postgresqlConf } from "./settings.ts";

export interface LaunchPlan {
  readonly layout: Layout;
  readonly binaries: Binaries;
  readonly user: ServerUser | undefined;
  readonly listening: Listening;
  readonly maxConnections: number;
  readonly log: Log;
  /** Whether a server answers at this place; throws where it answers and does not let us in. */
  answers(listening: Listening): Promise<boolean>;
}

export interface Running {
  readonly pid: number;
  readonly listening: Listening;
  /** It was running already: the process that started it is gone. */
  readonly adopted: boolean;
}

const startMs = 120_000;
const retryMs = 250;
const maxRetries = 60;
const logBytes = 10 * 1024 * 1024;

/** Brings the cluster's server up: adopts the one that still runs, else starts one. */
export async function launch(plan: LaunchPlan): Promise<Running> {
  const { cluster } = plan.layout;
  for (let tries = 0; ; tries++) {
    const adopted = await adopt(plan);
    if (adopted !== undefined) return adopted;
    if (releasePid(cluster)) plan.log.warn({ cluster }, "the process id in postmaster.pid went to another program");
    const said = await start(plan);
    if (typeof said !== "string") return said;
    // After a kill -9 the dead postmaster's id or its last backends may be seen for a moment.
    const isPassing = /already exists|still in use|Address already in use/.test(said);
    if (!isPassing || tries >= maxRetries) throw startProblem(said, cluster, `see \`${plan.layout.log}\``);
    await sleep(retryMs);
  }
}

async function adopt(plan: LaunchPlan): Promise<Running | undefined> {
  const { cluster } = plan.layout;
  const found = readPostmaster(cluster);
  if (found === undefined || !isPostmasterOf(found.pid, cluster)) return undefined;
  const listening: Listening =
    found.socketFolder === "" ? { kind: "tcp", port: found.port } : { kind: "socket", folder: found.socketFolder };
  if (await plan.answers(listening)) {
    plan.log.info({ pid: found.pid }, "adopted the postgres that a former process left running");
    return { pid: found.pid, listening, adopted: true };
  }
  plan.log.warn({ pid: found.pid }, "the postgres that a former process left does not answer; it is stopped");
  await endPostmaster(found.pid, cluster);
  return undefined;
}

/** Resolves with the running server, or with what PostgreSQL said before it ended. */
async function start(plan: LaunchPlan): Promise<Running | string> {
  const { layout, binaries, user, listening } = plan;
  const output = prepare(plan);
  const from = fstatSync(output).size;
  const child = spawn(join(binaries.root, "bin", "postgres"), ["-D", layout.cluster], {
    cwd: "/",
    env: serverEnv,
    // A session of its own: Ctrl-C reaches our process group only, so that the drain can still write.
    detached: true,
    stdio: ["ignore", output, output],
    ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }),
  });
  let ended: string | undefined;
  const onError = (error: Error) => {
    ended = error.message;
  };
  const onExit = () => {
    ended ??= tail(layout.log, from);
  };
  child.once("error", onError);
  child.once("exit", onExit);
  closeSync(output);
  child.unref();
  try {
    for (let waited = 0; waited < startMs; waited += 10) {
      if (ended !== undefined) return ended;
      const found = readPostmaster(layout.cluster);
      if (found !== undefined && found.pid === child.pid && found.isReady && (await plan.answers(listening)))
        return { pid: found.pid, listening, adopted: false };
      await sleep(10);
    }
    throw new Problem("unavailable", "the embedded postgres did not become ready", { help: `see \`${layout.log}\`` });
  } catch (error) {
    if (child.pid !== undefined) await endPostmaster(child.pid, layout.cluster);
    throw error;
  } finally {
    // From here on the watch over its process id tells whether it runs.
    child.off("exit", onExit);
  }
}

function prepare({ layout, user, listening, maxConnections }: LaunchPlan): number {
  try {
    for (const [name, text] of [
      ["postgresql.conf", postgresqlConf(listening, maxConnections)],
      ["pg_hba.conf", hbaConf],
    ] as const) {
      const file = join(layout.cluster, name);
      writeFileSync(`${file}.new`, text, { mode: 0o600 });
      give(`${file}.new`, user);
      renameSync(`${file}.new`, file);
    }
    if (existsSync(layout.log) && statSync(layout.log).size > logBytes) {
      rmSync(`${layout.log}.1`, { force: true });
      renameSync(layout.log, `${layout.log}.1`);
    }
    return openSync(layout.log, "a", 0o600);
  } catch (cause) {
    throw diskProblem(layout.cluster, cause);
  }
}

function tail(file: string, from: number): string {
  const input = openSync(file, "r");
  try {
    const bytes = Buffer.alloc(Math.max(0, Math.min(fstatSync(input).size - from, 65_536)));
    readSync(input, bytes, 0, bytes.length, from);
    return bytes.toString();
  } finally {
    closeSync(input);
  }
}

/** Fast shutdown: sessions end, everything is synced; at once (and with recovery later) if that takes too long. */
export async function endPostmaster(pid: number, cluster: string): Promise<void> {
  for (const [signal, patienceMs] of [
    ["SIGINT", 30_000],
    ["SIGQUIT", 10_000],
    ["SIGKILL", 5_000],
  ] as const) {
    if (!isPostmasterOf(pid, cluster)) return;
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    for (let waited = 0; waited < patienceMs; waited += 10) {
      await sleep(10);
      if (!isPostmasterOf(pid, cluster)) return;
    }
  }
}
