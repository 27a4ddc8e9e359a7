import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Problem } from "./floor/problem.ts";

/** What a server leaves in its data folder while it runs, for whoever starts a second one. */
interface RunningNote {
  readonly pid: number;
  readonly url: string;
}

const fileIn = (dataFolder: string): string => join(dataFolder, "running.json");

/** Says where this process answers; what it gives back takes that away again. */
export function noteRunning(dataFolder: string, url: string): () => Promise<void> {
  const note: RunningNote = { pid: process.pid, url };
  writeFileSync(fileIn(dataFolder), `${JSON.stringify(note)}\n`, { mode: 0o600 });
  return async () => {
    if (read(dataFolder)?.url === url) rmSync(fileIn(dataFolder), { force: true });
  };
}

/** The server that runs over this data folder, as an error for a second start; undefined where none is known to. */
export function alreadyRunning(dataFolder: string, cause?: unknown): Problem | undefined {
  const note = read(dataFolder);
  if (note === undefined || !isAlive(note.pid)) return undefined;
  return new Problem("conflict", `a server runs over \`${dataFolder}\` already: process ${note.pid}, at ${note.url}`, {
    help: `use it there, or stop it first: \`kill ${note.pid}\`; another one takes a folder and a port of its own, by COUNTERSIGN_DATA and COUNTERSIGN_PORT`,
    ...(cause === undefined ? {} : { cause }),
  });
}

function read(dataFolder: string): RunningNote | undefined {
  try {
    const { pid, url } = JSON.parse(readFileSync(fileIn(dataFolder), "utf8")) as Partial<RunningNote>;
    return Number.isSafeInteger(pid) && typeof url === "string" ? { pid: pid as number, url } : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (cause) {
    return cause instanceof Error && "code" in cause && cause.code === "EPERM";
  }
}
