import type { Readable, Writable } from "node:stream";
import type { BackupMade, BackupOptions, RestoreOptions, RestoreReport } from "../../backup/index.ts";

export interface ServeOptions {
  readonly env: Terminal["env"];
  /** A person who gets a one-time login link at this start. */
  readonly invite?: string;
  readonly invitesFirst: boolean;
}

/** What a command is given by the process that runs it. */
export interface Terminal {
  /** Without the runtime and the script. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdin: Readable & { readonly isTTY?: boolean; setRawMode?(mode: boolean): unknown };
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  /** Starts the server in this process and resolves with its exit code when it has stopped. */
  readonly serve: (options: ServeOptions) => Promise<number>;
  /** These work on a data folder, not on a server. */
  readonly backup: (options: BackupOptions) => Promise<BackupMade>;
  readonly restore: (options: RestoreOptions) => Promise<RestoreReport>;
}
