import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { workerFile } from "../../floor/worker-file.ts";
import { readValues } from "./read-values.ts";

/** A program that reads SMT-LIB from its input. */
export interface SolverCommand {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** All of the environment that it sees. */
  readonly env: Readonly<Record<string, string>>;
}

/** What became of a question; `failed` says why there is no answer, and is never an answer. */
export type Answer =
  | { readonly kind: "unsat" }
  | { readonly kind: "sat" }
  | { readonly kind: "failed"; readonly why: string };

const startMs = 20_000;
const longestAnswer = 8_388_608;

/** The solvers that may be there, best first: those on the path, then the npm package `z3-solver`. */
export function solverCommands(path: string | undefined): readonly SolverCommand[] {
  const env: Record<string, string> = path === undefined ? {} : { PATH: path };
  const found: SolverCommand[] = [
    { name: "z3", command: "z3", args: ["-in", "-smt2"], env },
    {
      name: "cvc5",
      command: "cvc5",
      args: ["--lang=smt2", "--incremental", "--produce-models", "--strings-exp", "--quiet"],
      env,
    },
  ];
  const file = fileURLToPath(workerFile("./z3-worker.ts", import.meta.url));
  if (isInstalled("z3-solver")) found.push({ name: "z3-solver", command: process.execPath, args: [file], env: {} });
  return found;
}

function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}

/**
 * One solver in a process of its own, that is killed when it takes too long, dies or prints nonsense; the next question
 * starts another.
 */
export class Solver {
  readonly #commands: readonly SolverCommand[];
  #at = 0;
  #process: Process | undefined;
  /** Why none of those that were tried answers. */
  #why = "no solver is installed: neither `z3` nor `cvc5` is on the path, and the npm package `z3-solver` is not there";

  constructor(commands: readonly SolverCommand[]) {
    this.#commands = commands;
  }

  /** The solver that answers, once one has. */
  get name(): string | undefined {
    return this.#commands[this.#at]?.name;
  }

  /** Whether the script can hold. What it asserted stands until `forget`. */
  async check(script: readonly string[], timeMs: number): Promise<Answer> {
    const started = await this.#started();
    if (typeof started === "string") return { kind: "failed", why: started };
    const told = await this.#ask(["(push 1)", ...script, "(check-sat)"], timeMs);
    if (typeof told !== "string") return told;
    if (told === "unsat" || told === "sat") return { kind: told };
    if (told === "unknown") return { kind: "failed", why: "the solver does not know" };
    return this.#nonsense();
  }

  /** The values of these terms, after `check` has answered `sat`. */
  async values(terms: readonly string[], timeMs: number): Promise<readonly string[] | undefined> {
    if (terms.length === 0) return [];
    const told = await this.#ask([`(get-value (${terms.join(" ")}))`], timeMs);
    if (typeof told !== "string") return undefined;
    const read = readValues(told);
    return read?.length === terms.length ? read : undefined;
  }

  async forget(): Promise<void> {
    if (this.#process !== undefined) await this.#ask(["(pop 1)"], startMs);
  }

  close(): void {
    this.#process?.kill();
    this.#process = undefined;
  }

  async #ask(lines: readonly string[], timeMs: number): Promise<string | Extract<Answer, { readonly kind: "failed" }>> {
    const child = this.#process;
    if (child === undefined) return { kind: "failed", why: "the solver is gone" };
    const told = await child.ask(lines, timeMs);
    if (typeof told === "string") return told.includes("(error") ? this.#nonsense() : told;
    this.close();
    return { kind: "failed", why: told.why };
  }

  #nonsense(): Extract<Answer, { readonly kind: "failed" }> {
    this.close();
    return { kind: "failed", why: "the solver's answer cannot be read" };
  }

  async #started(): Promise<true | string> {
    if (this.#process !== undefined) return true;
    for (const command of this.#commands.slice(this.#at)) {
      const child = new Process(command);
      const told = await child.ask(["(set-option :produce-models true)", "(set-logic ALL)"], startMs);
      if (told === "") {
        this.#process = child;
        return true;
      }
      child.kill();
      this.#at++;
      if (typeof told === "string" || told.isThere) this.#why = `the solver \`${command.name}\` does not start`;
    }
    return this.#why;
  }
}

class Process {
  readonly #child: ChildProcessWithoutNullStreams;
  #told = "";
  #waiting: (() => void) | undefined;
  #gone: { readonly why: string; readonly isThere: boolean } | undefined;
  #asked = 0;

  constructor({ command, args, env }: SolverCommand) {
    this.#child = spawn(command, [...args], { env: { ...env }, stdio: "pipe" });
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#told += text;
      if (this.#told.length > longestAnswer) this.#lost("the solver's answer is too long", true);
      this.#waiting?.();
    });
    this.#child.stderr.resume();
    this.#child.stdin.on("error", () => this.#lost("the solver died", true));
    this.#child.on("error", (error) =>
      this.#lost("the solver cannot be started", (error as NodeJS.ErrnoException).code !== "ENOENT"),
    );
    this.#child.on("exit", () => this.#lost("the solver died", true));
  }

  /** What it prints for these lines. */
  async ask(
    lines: readonly string[],
    timeMs: number,
  ): Promise<string | { readonly why: string; readonly isThere: boolean }> {
    if (this.#gone !== undefined) return this.#gone;
    const mark = `countersign-${++this.#asked}`;
    this.#told = "";
    this.#child.stdin.write(`${lines.join("\n")}\n(echo "${mark}")\n`);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting = () => {
      if (this.#gone !== undefined || endsWith(this.#told, mark) !== undefined) resolve();
    };
    const timer = setTimeout(() => this.#lost("it ran out of time", true), timeMs);
    this.#waiting();
    await promise;
    clearTimeout(timer);
    return endsWith(this.#told, mark) ?? this.#gone ?? { why: "the solver died", isThere: true };
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #lost(why: string, isThere: boolean): void {
    this.#gone ??= { why, isThere };
    this.kill();
    this.#waiting?.();
  }
}

/** What came before the mark; undefined where the mark has not come. */
function endsWith(told: string, mark: string): string | undefined {
  const at = told.indexOf(mark);
  if (at < 0 || !told.slice(at + mark.length).includes("\n")) return undefined;
  return told.slice(0, at).replace(/"$/, "").trim();
}
