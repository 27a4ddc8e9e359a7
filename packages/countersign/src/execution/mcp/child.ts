import { type ChildProcess, spawn } from "node:child_process";
import type { Log } from "../../floor/log.ts";
import type { Secret } from "../../floor/secret.ts";
import { sseLimits } from "./sse.ts";

export type Environment = Readonly<Record<string, Secret | string>>;

/** What one process has been given, for as long as it runs. */
export interface Lent {
  readonly env: Environment;
  /** Aborts when it is taken back: then the process ends. */
  readonly revoked: AbortSignal;
  /** Whether a process that is started now would be given the same. */
  isCurrent(): Promise<boolean>;
  release(): Promise<void>;
}

export interface StdioConfig {
  readonly transport: "stdio";
  readonly command: string;
  readonly args: readonly string[];
  /** Only this server's own secrets and settings. */
  readonly env: Environment;
  /** What a process is given besides, asked whenever one is started; where it fails, none is started. */
  readonly lend?: () => Promise<Lent>;
  readonly cwd?: string;
  /** `PATH` and `HOME` of the machine; nothing else of the plane's environment reaches the child. */
  readonly inherit: Readonly<Record<string, string>>;
}

export interface Child {
  readonly pid: number | undefined;
  /** False where the pipe is gone: then nothing was written. */
  write(line: string): boolean;
  alive(): boolean;
  /** Resolves once the process has ended. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

/** Starts the server's process. `onLine` gets each line of its standard output, `onGone` is called once. */
export async function startChild(
  config: StdioConfig,
  heard: { readonly onLine: (line: string) => void; readonly onGone: (reason: string) => void },
  log: Log,
  server: string,
): Promise<Child | undefined> {
  const secrets = Object.values(config.env).flatMap((value) => (typeof value === "string" ? [] : [value.reveal()]));
  const own = Object.fromEntries(
    Object.entries(config.env).map(([name, value]) => [name, typeof value === "string" ? value : value.reveal()]),
  );
  const child = spawn(config.command, [...config.args], {
    env: { ...config.inherit, ...own },
    ...(config.cwd === undefined ? {} : { cwd: config.cwd }),
    stdio: ["pipe", "pipe", "pipe"],
    shell: false,
    windowsHide: true,
  });
  const started = await new Promise<boolean>((resolve) => {
    child.once("spawn", () => resolve(true));
    child.once("error", () => resolve(false));
  });
  if (!started) return undefined;
  const gone = once(heard.onGone);
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.once("close", () => gone("the server's process ended"));
  child.on("error", () => gone("the server's process failed"));
  child.stdin?.on("error", () => {
    gone("the server's process closed its input");
    // It hears nothing any more, and would go on with what it was given.
    void end(child);
  });
  readLines(child, heard.onLine, () => {
    gone("the server sent a line larger than its limit");
    child.kill("SIGKILL");
  });
  logStderr(child, log, server, secrets);
  return {
    pid: child.pid,
    write(line) {
      if (!hears(child)) return false;
      child.stdin.write(`${line}\n`);
      return true;
    },
    alive: () => hears(child),
    ended,
    close: () => end(child),
  };
}

function hears(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null && child.stdin?.writable === true;
}

function once(call: (reason: string) => void): (reason: string) => void {
  let called = false;
  return (reason) => {
    if (!called) call(reason);
    called = true;
  };
}

function readLines(child: ChildProcess, onLine: (line: string) => void, onFlood: () => void): void {
  const decoder = new TextDecoder("utf-8");
  let rest = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > sseLimits.maxEventBytes) return onFlood();
    for (const line of lines) if (line.trim() !== "") onLine(line);
  });
}

// A server's complaints are untrusted text: its own secrets and control characters stay out of the log.
function logStderr(child: ChildProcess, log: Log, server: string, secrets: readonly string[]): void {
  let spent = 0;
  child.stderr?.on("data", (chunk: Buffer) => {
    spent += chunk.length;
    if (spent > 1_000_000) return;
    let text = chunk.toString("utf8");
    for (const secret of secrets) if (secret.length >= 4) text = text.replaceAll(secret, "[secret]");
    log.debug(
      { server, said: text.replace(/[\p{Cc}\p{Cf}]+/gu, " ").slice(0, 2_000) },
      "an upstream wrote to its standard error",
    );
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  child.stdin?.end();
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    if (await within(closed, 1_000)) return;
    child.kill(signal);
  }
  await within(closed, 1_000);
}

async function within(done: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const won = await Promise.race([done.then(() => true), late]);
  clearTimeout(timer);
  return won;
}
