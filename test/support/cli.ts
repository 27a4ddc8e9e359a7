import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const bin = fileURLToPath(new URL("../../packages/countersign/bin/countersign.js", import.meta.url));

export interface Ran {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
  readonly json: any;
}

export interface RunOptions {
  readonly input?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** A command that runs, and can be typed to. */
export interface Started {
  /** What it has written so far, both ways. */
  said(): string;
  type(text: string): void;
  readonly ended: Promise<Ran>;
}

/** The command line as a process of its own, with a home folder of its own. */
export interface TestCli {
  readonly home: string;
  run(args: readonly string[], options?: RunOptions): Promise<Ran>;
  start(args: readonly string[], options?: Omit<RunOptions, "input">): Started;
  close(): void;
}

export function openTestCli(base: Readonly<Record<string, string>> = {}): TestCli {
  const home = mkdtempSync(join(tmpdir(), "countersign-cli-"));
  const start = (args: readonly string[], options: Omit<RunOptions, "input"> = {}) => {
    const env = { PATH: process.env.PATH, HOME: home, XDG_CONFIG_HOME: home, ...base, ...options.env };
    const child = spawn(process.execPath, [bin, ...args], { env, cwd: options.cwd ?? home });
    const said = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        said[name] += text;
      });
    }
    child.stdin.on("error", () => undefined);
    const ended = new Promise<Ran>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => resolve({ exit: code ?? -1, ...said, json: parsed(said.stdout) }));
    });
    return { stdin: child.stdin, said: () => said.stdout + said.stderr, ended };
  };
  return {
    home,
    run(args, options = {}) {
      const started = start(args, options);
      started.stdin.end(options.input ?? "");
      return started.ended;
    },
    start(args, options) {
      const { ended, said, stdin } = start(args, options);
      return { said, ended, type: (text) => void stdin.write(text) };
    },
    close: () => rmSync(home, { recursive: true, force: true }),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
