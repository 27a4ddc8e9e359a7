import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { Problem } from "../../floor/problem.ts";
import type { Binaries } from "./binaries.ts";
import { diskProblem } from "./binaries.ts";
import { give, syncFolder } from "./folder.ts";
import type { ServerUser } from "./server-user.ts";

/** Refuses a cluster that another major version of PostgreSQL wrote. */
export function checkMajor(cluster: string, major: number): void {
  const file = join(cluster, "PG_VERSION");
  if (!existsSync(file)) return;
  const written = Number(readFileSync(file, "utf8").trim());
  if (written === major) return;
  throw new Problem(
    "conflict",
    `the data in \`${cluster}\` was written by postgres ${written}; this is postgres ${major}`,
    {
      help:
        written < major
          ? `with the countersign that wrote it, run \`countersign backup\`; then \`countersign restore\` into a new --data folder with this one`
          : `install a countersign that brings postgres ${written}; data cannot go back to an older version`,
    },
  );
}

/** Makes a new cluster, complete or not at all: it is built beside its place and renamed. */
export async function initialise(
  cluster: string,
  binaries: Binaries,
  user: ServerUser | undefined,
  password: string,
): Promise<void> {
  if (existsSync(join(cluster, "PG_VERSION"))) return;
  const home = dirname(cluster);
  removeLeftovers(home, basename(cluster));
  const fresh = `${cluster}.new-${randomBytes(6).toString("hex")}`;
  const passwordFile = `${fresh}.key`;
  try {
    mkdirSync(fresh, { mode: 0o700 });
    give(fresh, user);
    writeFileSync(passwordFile, password, { mode: 0o600 });
    give(passwordFile, user);
    await runInitdb(fresh, passwordFile, binaries, user);
    renameSync(fresh, cluster);
    syncFolder(home);
  } catch (cause) {
    rmSync(fresh, { recursive: true, force: true });
    throw cause instanceof Problem ? cause : diskProblem(home, cause);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

function removeLeftovers(home: string, name: string): void {
  for (const entry of readdirSync(home))
    if (entry.startsWith(`${name}.new-`)) rmSync(join(home, entry), { recursive: true, force: true });
}

async function runInitdb(
  cluster: string,
  passwordFile: string,
  binaries: Binaries,
  user: ServerUser | undefined,
): Promise<void> {
  const child = spawn(
    join(binaries.root, "bin", "initdb"),
    [
      `--pgdata=${cluster}`,
      "--username=postgres",
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--locale=C",
      "--data-checksums",
      "--no-instructions",
    ],
    {
      cwd: "/",
      env: serverEnv,
      stdio: ["ignore", "pipe", "pipe"],
      ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }),
    },
  );
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) throw startProblem(said, cluster, "see the cause in this process's log");
}

/** Nothing of our environment reaches the server: no credential, no PG* variable that changes what it does. */
export const serverEnv: Record<string, string> = { LC_ALL: "C", TZ: "UTC", PATH: "/usr/bin:/bin" };

/** What made PostgreSQL end, told from its own words, which stay in the cause. */
export function startProblem(said: string, cluster: string, help: string): Problem {
  const cause = new Error(said.slice(-4_000));
  if (/No space left on device|Disk quota exceeded/.test(said))
    return new Problem("unavailable", `the disk that holds \`${cluster}\` is full`, {
      help: "free some space and start again",
      cause,
    });
  return new Problem("unavailable", "the embedded postgres did not start", { help, cause });
}
