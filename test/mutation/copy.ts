import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface Question {
  /** Files in the copy, each with the ids of its tests; without them all. */
  readonly tests: readonly { readonly file: string; readonly ids?: readonly string[] }[];
  /** Files that are not what they were at the last question. */
  readonly changed: readonly string[];
  readonly bail: boolean;
}

export interface Answer {
  readonly tests: readonly {
    readonly file: string;
    readonly id: string;
    readonly name: string;
    readonly state: string;
    readonly ms: number;
    readonly fault: string;
  }[];
  /** What failed outside of a test. */
  readonly faults: readonly string[];
}

/** A copy of the project in a folder of its own, with a process that runs its tests. Nothing that it does reaches the project. */
export class Copy {
  readonly folder: string;
  readonly notes: string;
  readonly #environment: Readonly<Record<string, string>>;
  #driver: ChildProcess | undefined;
  #changed = new Set<string>();

  constructor(root: string, environment: Readonly<Record<string, string>> = {}) {
    // Not below `node_modules`: Node takes no types out of files there.
    this.folder = realpathSync(mkdtempSync(join(tmpdir(), "countersign-mutation-")));
    this.notes = join(this.folder, ".notes");
    this.#environment = environment;
    const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: root });
    for (const file of new Set(listed.toString().split("\0"))) {
      // A file that was deleted and not yet committed is listed all the same.
      if (!/^(?:packages\/|test\/|scripts\/|[^/]+$)/.test(file) || !existsSync(join(root, file))) continue;
      mkdirSync(dirname(join(this.folder, file)), { recursive: true });
      copyFileSync(join(root, file), join(this.folder, file));
    }
    symlinkSync(join(root, "node_modules"), join(this.folder, "node_modules"));
  }

  read(file: string): string {
    return readFileSync(join(this.folder, file), "utf8");
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.folder, file), text);
    this.#changed.add(join(this.folder, file));
  }

  /** Undefined where the tests did not end in time; then their process is gone, and the next question gets a new one. */
  async ask(
    tests: readonly { readonly file: string; readonly ids?: readonly string[] }[],
    ms: number,
    bail = true,
  ): Promise<Answer | undefined> {
    this.#driver ??= await this.#start();
    const question: Question = {
      tests: tests.map(({ file, ids }) => ({ file: join(this.folder, file), ...(ids === undefined ? {} : { ids }) })),
      changed: [...this.#changed],
      bail,
    };
    this.#changed.clear();
    const answer = await answerOf(this.#driver, ms, () => this.#driver?.send(question));
    if (answer === undefined) await this.#end(true);
    return answer;
  }

  /** The next question finds nothing of what was read before. */
  async renew(): Promise<void> {
    await this.#end();
  }

  async remove(): Promise<void> {
    await this.#end();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #start(): Promise<ChildProcess> {
    const driver = spawn(process.execPath, ["test/mutation/driver.ts"], {
      cwd: this.folder,
      detached: true,
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      env: { ...process.env, ...this.#environment, MUTATION_NOTES: this.notes },
    });
    const ready = await answerOf(driver, 120_000, () => undefined);
    if (ready === undefined) throw new Error("the process that runs the tests did not start");
    return driver;
  }

  /** In order, as a database server wants it; a test that never ends listens to nothing, and is killed with all that it started. */
  async #end(hangs = false): Promise<void> {
    const driver = this.#driver;
    this.#driver = undefined;
    if (driver?.pid === undefined || driver.exitCode !== null) return;
    const ended = new Promise<boolean>((resolve) => driver.once("exit", () => resolve(true)));
    if (driver.connected) driver.disconnect();
    const late = new Promise<boolean>((resolve) => setTimeout(resolve, 10_000, false).unref());
    if (!hangs && (await Promise.race([ended, late]))) return;
    try {
      process.kill(-driver.pid, "SIGKILL");
    } catch {
      driver.kill("SIGKILL");
    }
    await ended;
  }
}

function answerOf(driver: ChildProcess, ms: number, ask: () => void): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const settle = (answer: Answer | undefined) => {
      clearTimeout(timer);
      driver.off("message", settle);
      driver.off("exit", gone);
      resolve(answer);
    };
    const gone = () => settle(undefined);
    const timer = setTimeout(gone, ms);
    driver.on("message", settle);
    driver.on("exit", gone);
    ask();
  });
}
