import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Countersign, connect, type PinStore } from "@countersign/client";
import { exits } from "@countersign/contract";
import { type Config, defaultPort, readConfig } from "../../config.ts";
import { asCalledIn, calledAs } from "../../floor/called-as.ts";
import { Problem } from "../../floor/problem.ts";
import { ownFolder, readLogins, readOwn, writeOwn } from "./credentials.ts";
import { json, line, type Paint, paintFor } from "./paint.ts";
import type { Terminal } from "./terminal.ts";

/** What a command works with: the person's terminal, their server, and the form they want answers in. */
export class Shell {
  readonly terminal: Terminal;
  readonly paint: Paint;
  exit: number = exits.ok;
  asJson = false;
  url: string | undefined;
  #config: Config | undefined;

  constructor(terminal: Terminal) {
    this.terminal = terminal;
    this.paint = paintFor(terminal.stdout.isTTY === true, terminal.env);
  }

  get config(): Config {
    this.#config ??= readConfig(this.terminal.env);
    return this.#config;
  }

  /** What a person types here for this program, in hints of what to run next. */
  get called(): string {
    return calledAs(this.terminal);
  }

  /** A sentence of the program's own, or of the server's, with its commands as they are called here. */
  inTheirWords(text: string): string {
    return asCalledIn(text, { env: this.terminal.env, cwd: this.terminal.cwd, workspace: this.folder() });
  }

  /** The workspace's folder: what was named, else the setting, else here. */
  folder(named?: string): string {
    const { COUNTERSIGN_WORKSPACE: set } = this.terminal.env;
    return resolve(this.terminal.cwd, named ?? (set === undefined || set === "" ? "." : set));
  }

  async server(): Promise<{ readonly url: string; readonly key: string | undefined }> {
    const named = this.url ?? this.config.serverUrl;
    if (named !== undefined && !/^https?:\/\//.test(named)) {
      throw new Problem("invalid", "the server's address does not start with `http://` or `https://`");
    }
    const { logins, current } = await readLogins(this.terminal);
    const url = named === undefined ? (current ?? `http://localhost:${defaultPort}`) : new URL(named).origin;
    return { url, key: this.config.key?.reveal() ?? logins[url]?.key };
  }

  /** The server as this person sees it. Without a login the server itself says so. */
  async client(): Promise<Countersign> {
    const { url, key } = await this.server();
    return connect({ url, door: "cli", pins: this.pins(), ...(key === undefined ? {} : { key }) });
  }

  pins(): PinStore {
    const file = (origin: string) =>
      join(ownFolder(this.terminal), "checkpoints", `${encodeURIComponent(origin)}.note`);
    return { read: (origin) => readOwn(file(origin)), write: (origin, note) => writeOwn(file(origin), note) };
  }

  /** The answer: as JSON where that was asked for, else the lines for people. */
  answer(value: unknown, shown: () => readonly string[]): void {
    this.write(this.asJson ? [json(value)] : shown());
  }

  write(texts: readonly string[]): void {
    if (texts.length > 0) this.terminal.stdout.write(`${texts.join("\n")}\n`);
  }

  /** Something beside the answer, for people who look on. */
  note(text: string): void {
    if (!this.asJson) this.terminal.stderr.write(`${text}\n`);
  }

  /** Only where somebody watches. */
  progress(text: string): void {
    if (this.terminal.stderr.isTTY === true) this.note(this.paint.dim(text));
  }

  async readText(file: string): Promise<string> {
    try {
      return await readFile(resolve(this.terminal.cwd, file), "utf8");
    } catch (cause) {
      throw new Problem("invalid", `\`${line(file, 200)}\` cannot be read`, { cause });
    }
  }
}
