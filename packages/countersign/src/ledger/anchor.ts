import { execFile } from "node:child_process";
import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { type Checkpoint, Flaw, type Json, parseJson } from "@countersign/contract";
import type { Tx } from "../db/db.ts";
import { Problem } from "../floor/problem.ts";
import { openOwn, readCheckpoint } from "./checkpoint.ts";
import { entriesAfter, latestCheckpoint, openWriters } from "./log-sql.ts";
import { Prover } from "./prove.ts";
import { batchSize } from "./take.ts";
import { readEdge } from "./tile.ts";

/** A place outside the database that remembers checkpoints. */
export interface Anchor {
  readonly name: string;
  /** How long it is left alone after it took a checkpoint; otherwise as the sequencer does. */
  readonly everyMs?: number;
  /** The last note that this place holds. */
  last(): Promise<string | null>;
  /** Resolves once the note is durable there. `rollback` says that it follows one of a larger log, and why. */
  publish(note: string, size: number, rollback?: Rollback): Promise<void>;
}

/** Said in the open, where it stays: the log went back from a tree that this place has seen. */
export interface Rollback {
  readonly from: number;
  readonly root: string;
  readonly reason: string;
}

const tailBytes = 4 * 1024 * 1024;

/** A file that is only ever appended to, one JSON line a checkpoint; each is synced before `publish` resolves. */
export function fileAnchor(path: string, everyMs?: number): Anchor {
  return {
    name: `file ${path}`,
    ...(everyMs === undefined ? {} : { everyMs }),
    async last() {
      const lines = (await readTail(path)).split("\n");
      lines.pop(); // empty, or what a crash left half written
      for (const line of lines.reverse()) {
        const note = noteIn(line);
        if (note !== undefined) return note;
      }
      return null;
    },
    async publish(note, size, rollback) {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const torn = !(await readTail(path)).endsWith("\n");
      const file = await open(path, "a", 0o600);
      try {
        await file.appendFile(`${torn ? "\n" : ""}${anchorLine(note, size, rollback)}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
    },
  };
}

/** The end of the file; a newline where there is no file, as nothing is torn there. */
async function readTail(path: string): Promise<string> {
  const file = await open(path, "r").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return null;
    throw cause;
  });
  if (file === null) return "\n";
  try {
    const { size } = await file.stat();
    if (size === 0) return "\n";
    const from = Math.max(0, size - tailBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
    return buffer.subarray(0, bytesRead).toString("utf8");
  } finally {
    await file.close();
  }
}

/** What is kept of a checkpoint outside, as one line. */
export function anchorLine(note: string, size: number, rollback?: Rollback): string {
  return JSON.stringify({ size, note, ...(rollback === undefined ? {} : { rollback }) });
}

export function noteIn(line: string): string | undefined {
  let value: Json;
  try {
    value = parseJson(line, { maxBytes: tailBytes });
  } catch {
    return undefined; // a line that a crash cut
  }
  if (typeof value !== "object" || value === null || !("note" in value)) return undefined;
  return typeof value.note === "string" ? value.note : undefined;
}

const run = promisify(execFile);

/** A branch of a local git repository, one commit a checkpoint. Touches no work tree, index, hook or other branch. */
export function gitAnchor(repository: string, branch = "countersign-checkpoints", everyMs?: number): Anchor {
  const ref = `refs/heads/${branch}`;
  const who = { NAME: "countersign", EMAIL: "countersign@localhost" };
  const env = {
    PATH: "/usr/local/bin:/usr/bin:/bin",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_TERMINAL_PROMPT: "0",
    ...Object.fromEntries(
      Object.entries(who).flatMap(([k, v]) => [
        [`GIT_AUTHOR_${k}`, v],
        [`GIT_COMMITTER_${k}`, v],
      ]),
    ),
  };
  const git = async (args: readonly string[], input?: string): Promise<string> => {
    const call = run("git", ["-C", repository, "-c", "core.hooksPath=/dev/null", ...args], {
      env,
      timeout: 30_000,
      maxBuffer: tailBytes,
    });
    // Git may be done before it has read what it does not need: its exit code says what happened.
    call.child.stdin?.on("error", () => {}).end(input ?? "");
    return (await call).stdout;
  };
  const tip = async (): Promise<string> => (await git(["for-each-ref", "--format=%(objectname)", ref])).trim();
  return {
    name: `git ${repository} ${branch}`,
    ...(everyMs === undefined ? {} : { everyMs }),
    async last() {
      return (await tip()) === "" ? null : git(["cat-file", "blob", `${ref}:checkpoint`]);
    },
    async publish(note, size, rollback) {
      const parent = await tip();
      const blob = (await git(["hash-object", "-w", "--stdin"], note)).trim();
      const tree = (await git(["mktree"], `100644 blob ${blob}\tcheckpoint\n`)).trim();
      const said =
        rollback === undefined
          ? `checkpoint ${size}`
          : `checkpoint ${size}, rolled back from ${rollback.from} (${rollback.root}): ${rollback.reason}`;
      const args = ["commit-tree", tree, "-m", said, ...(parent === "" ? [] : ["-p", parent])];
      const commit = (await git(args)).trim();
      // The old value makes this a compare-and-set: two publishers cannot lose each other's commit.
      await git(["update-ref", ref, commit, parent === "" ? "0".repeat(40) : parent]);
    },
  };
}

export interface Compared {
  /** The newest checkpoint that the place holds; null where it holds none. */
  readonly seen: Checkpoint | null;
  /** Size of the database's own newest one. */
  readonly ours: number;
  /** The place has seen more than the database has: it was rolled back. */
  readonly isAhead: boolean;
}

/** Compares what a place outside remembers with what the database holds. A refusal where that is another history. */
export async function compareAnchor(tx: Tx, origin: string, anchor: Anchor): Promise<Compared> {
  const note = await anchor.last();
  const ours = (await latestCheckpoint(tx))?.size ?? 0;
  if (note === null) return { seen: null, ours, isAhead: false };
  const seen = await openOwn(tx, origin, note).catch((cause: unknown) => {
    if (!(cause instanceof Flaw)) throw cause;
    throw refusal(anchor, "holds a checkpoint that no key of this log has signed", cause);
  });
  if (ours < seen.size) return { seen, ours, isAhead: true };
  const root = await new Prover(tx, seen.size).root(0, seen.size);
  if (root.toString("base64") !== seen.root) {
    throw refusal(anchor, `has seen another history of the first \`${seen.size}\` entries`);
  }
  return { seen, ours, isAhead: false };
}

/**
 * Whether what is written and not yet in the tree makes the very tree that was seen: then nothing is gone. Only a backup
 * comes to be so; where the database itself is behind its anchors, somebody has taken checkpoints away.
 */
export async function willReach(tx: Tx, origin: string, seen: Checkpoint): Promise<boolean> {
  const last = await readCheckpoint(tx, origin);
  const heads = new Map(last?.checkpoint.heads.map(({ writer, seq }) => [writer, seq]));
  const edge = await readEdge(tx, last?.checkpoint.size ?? 0);
  const from = (await openWriters(tx)).map(({ id }) => ({ writer: id, seq: heads.get(id) ?? -1 }));
  for (const { hash } of await entriesAfter(tx, from, Math.min(seen.size - edge.size, batchSize))) edge.append(hash);
  return edge.size === seen.size && edge.root().toString("base64") === seen.root;
}

/** The size that the place has seen; a refusal where the database is behind it, or has another history. */
export async function checkAnchor(tx: Tx, origin: string, anchor: Anchor): Promise<number> {
  const { seen, ours, isAhead } = await compareAnchor(tx, origin, anchor);
  if (isAhead)
    throw refusal(
      anchor,
      `has seen \`${seen?.size ?? 0}\` entries and the database has \`${ours}\`: it was rolled back`,
    );
  return seen?.size ?? 0;
}

function refusal(anchor: Anchor, why: string, cause?: unknown): Problem {
  return new Problem("conflict", `the anchor \`${anchor.name}\` ${why}`, {
    help: "restore the newest backup; `countersign restore --accept-rollback` says in the open that an older one is meant",
    ...(cause === undefined ? {} : { cause }),
  });
}
