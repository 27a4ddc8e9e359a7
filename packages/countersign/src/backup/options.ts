import type { About } from "./manifest.ts";

/** Called as bytes move, for whoever looks on. */
export type Progress = (done: number, all: number) => void;

export interface BackupOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute paths. */
  readonly file: string;
  readonly data?: string;
  /** age recipients that it is encrypted to. */
  readonly to: readonly string[];
  readonly withKeys: boolean;
  readonly progress: Progress;
}

export interface BackupMade {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly madeAt: string;
  /** Entries in the signed tree that it holds. */
  readonly size: number;
  readonly rows: number;
  readonly encrypted: boolean;
  readonly keys: boolean;
}

export interface RestoreOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly file: string;
  readonly data?: string;
  /** An age identity file. */
  readonly identity?: string;
  /** A trust file that was pinned; without it the log is verified under its own keys. */
  readonly trust?: string;
  /** Files of anchors besides those that the workspace in the backup names. */
  readonly anchors: readonly string[];
  /** Why an older state is accepted although an anchor has seen a newer one. */
  readonly acceptRollback?: string;
  /** Reads and compares, and restores nothing. */
  readonly checkOnly: boolean;
  readonly progress: Progress;
}

/** An anchor that has seen more of the log than the backup holds. */
export interface Missing {
  readonly anchor: string;
  readonly seen: number;
  readonly root: string;
}

export interface RestoreReport {
  /** Everything that was checked holds, and, unless it was only checked, is restored. */
  readonly holds: boolean;
  readonly restored: boolean;
  readonly problems: readonly string[];
  readonly about?: About;
  readonly rows: number;
  /** Entries verified: in the signed tree, and after it. */
  readonly size: number;
  readonly unsequenced: number;
  readonly underOwnKeys: boolean;
  readonly anchors: readonly string[];
  readonly missing: readonly Missing[];
  readonly dataFolder: string;
  /** Key files that have to be put there before the server can start. */
  readonly keysMissing: readonly string[];
  /** The stop of everything that is in force now. */
  readonly stop?: string;
  readonly frozen: number;
}
