import { type Checkpoint, foldClosed, type WriterHead } from "@countersign/contract";
import type { Db, Tx } from "../db/db.ts";
import type { Clock } from "../floor/clock.ts";
import type { Log } from "../floor/log.ts";
import { Problem } from "../floor/problem.ts";
import { type Anchor, checkAnchor } from "./anchor.ts";
import { readCheckpoint, signCheckpoint } from "./checkpoint.ts";
import { finishRotation } from "./finish-rotation.ts";
import { Halt, haltOn } from "./halt.ts";
import {
  type ChainRow,
  dropOwnLease,
  holdLease,
  insertCheckpoint,
  insertClosed,
  insertSpans,
  insertTiles,
  latestCheckpoint,
  logKeys,
  type Span,
  takeLease,
  turnKey,
} from "./log-sql.ts";
import { type AnchorStatus, Publisher } from "./publish.ts";
import type { Subject } from "./read.ts";
import { openNextKey, openSigningKey, type Signer } from "./signing-key.ts";
import { type Batch, Taker } from "./take.ts";
import { readEdge } from "./tile.ts";
import type { Edge, FullTile } from "./tree.ts";

export interface SequencerOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  /** Where the signing key lies. */
  readonly folder: string;
  /** The log's name. */
  readonly origin: string;
  /** Who would lead: an id of this process. */
  readonly holder: string;
  readonly anchors: readonly Anchor[];
  readonly readSubject: (subject: string) => Promise<Subject>;
  /** Told once when the log stops: evidence was tampered with, or the key is gone. A person must look. */
  readonly alarm: (sentence: string) => void;
  readonly everyMs?: number;
  readonly anchorEveryMs?: number;
  /** How long a stop waits for what anchors are taking. */
  readonly anchorIdleMs?: number;
  readonly leaseMs?: number;
}

export interface SequencerStatus {
  readonly leading: boolean;
  /** Size of the last durable checkpoint that this process has made or read. */
  readonly size: number;
  /** Why the log has stopped. */
  readonly alarm: string | null;
  readonly anchors: readonly AnchorStatus[];
}

export interface Sequencer {
  start(): void;
  /** One round by hand: how many entries it put into the tree. */
  round(): Promise<number>;
  status(): SequencerStatus;
  /** Lets the lease go after the round that runs. */
  stop(): Promise<void>;
}

const leaseName = "sequencer";

interface Grown {
  readonly fence: number;
  readonly signer: Signer;
  readonly edge: Edge;
  readonly note: string | null;
  readonly heads: ReadonlyMap<string, WriterHead>;
  readonly closed: Checkpoint["closed"];
}

/** Orders what all writers wrote into one tree and signs it. Many may run; the lease lets one work at a time. */
export function openSequencer(options: SequencerOptions): Sequencer {
  const sequencing = new Sequencing(options);
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<number> | undefined;
  const round = (): Promise<number> => {
    running ??= sequencing.round().finally(() => {
      running = undefined;
    });
    return running;
  };
  return {
    start() {
      timer ??= setInterval(() => void round(), options.everyMs ?? 1_000);
      timer.unref();
    },
    round,
    status: () => sequencing.status(),
    async stop() {
      clearInterval(timer);
      await running;
      await sequencing.release();
    },
  };
}

class Sequencing {
  readonly #options: SequencerOptions;
  readonly #publisher: Publisher;
  #grown: Grown | undefined;
  #size = 0;
  #alarm: string | null = null;
  readonly #taker: Taker;

  constructor(options: SequencerOptions) {
    this.#options = options;
    const { clock, log, anchorEveryMs: everyMs = 10_000 } = options;
    this.#taker = new Taker(clock);
    this.#publisher = new Publisher(options.anchors, { clock, log, everyMs });
  }

  status(): SequencerStatus {
    return {
      leading: this.#grown !== undefined,
      size: this.#size,
      alarm: this.#alarm,
      anchors: this.#publisher.status(),
    };
  }

  async release(): Promise<void> {
    await this.#publisher.idle(this.#options.anchorIdleMs ?? 5_000);
    this.#grown = undefined;
    await dropOwnLease(this.#options.db, leaseName, this.#options.holder).catch(() => undefined);
  }

  async round(): Promise<number> {
    if (this.#alarm !== null) return 0;
    try {
      const fence = await takeLease(this.#options.db, leaseName, this.#options.holder, this.#options.leaseMs ?? 10_000);
      if (fence === null) {
        this.#grown = undefined;
        return 0;
      }
      if (this.#grown?.fence !== fence) this.#grown = await this.#load(fence);
      return await this.#catchUp(this.#grown);
    } catch (cause) {
      // What is in memory may be ahead of what is durable: the next round reads it again.
      this.#grown = undefined;
      if (cause instanceof Halt) await this.#halt(cause.message);
      else this.#options.log.warn({ cause: String(cause) }, "a round of the sequencer failed");
      return 0;
    }
  }

  async #halt(sentence: string): Promise<void> {
    this.#alarm = sentence;
    this.#options.log.error({ sentence }, "the log has stopped");
    this.#options.alarm(sentence);
    await this.release();
  }

  /** Goes on from the last durable checkpoint, and only where keys, tiles and anchors agree with it. */
  async #load(fence: number): Promise<Grown> {
    const { db, origin, folder, anchors, readSubject } = this.#options;
    const keys = await openSigningKey(db, folder, origin).catch(haltOn("the signing key cannot be used"));
    await finishRotation(db, { folder, keys, readSubject });
    const last = await readCheckpoint(db, origin).catch(haltOn("the last checkpoint does not verify"));
    const edge = await readEdge(db, last?.checkpoint.size ?? 0);
    if (last !== null && edge.root().toString("base64") !== last.checkpoint.root) {
      throw new Halt(`the stored tree of \`${last.checkpoint.size}\` entries is not the one that was signed`);
    }
    for (const anchor of anchors) {
      const size = await checkAnchor(db, origin, anchor).catch(haltOn("an anchor disagrees"));
      this.#publisher.found(anchor, size);
    }
    this.#size = edge.size;
    const heads = new Map((last?.checkpoint.heads ?? []).map((head) => [head.writer, head]));
    const closed = last?.checkpoint.closed ?? { count: 0, hash: Buffer.alloc(32).toString("base64") };
    return { fence, signer: keys.current, edge, note: last?.note ?? null, heads, closed };
  }

  async #catchUp(start: Grown): Promise<number> {
    let grown = start;
    let count = 0;
    for (;;) {
      const batch = await this.#taker.take(this.#options.db, grown.heads);
      if (batch.rows.length === 0) break;
      grown = await this.#commit(grown, batch);
      this.#grown = grown;
      this.#size = grown.edge.size;
      count += batch.rows.length;
      if (!batch.isFull) break;
      // A long backlog outlives a lease: renewed here, and lost here if somebody else has it.
      const fence = await takeLease(this.#options.db, leaseName, this.#options.holder, this.#options.leaseMs ?? 10_000);
      if (fence !== grown.fence) throw new Problem("unavailable", "another sequencer leads now");
    }
    if (grown.note !== null) this.#publisher.offer(grown.note, grown.edge.size);
    return count;
  }

  /** One transaction: leaves, tiles, checkpoint. Nothing leaves this process before it is durable. */
  async #commit(grown: Grown, { rows, heads, closing }: Batch): Promise<Grown> {
    const { db, origin, holder } = this.#options;
    const edge = grown.edge.copy();
    const tiles: FullTile[] = rows.flatMap((row) => edge.append(row.hash));
    const closed = await fold(grown.closed, closing);
    const next = await this.#nextKey(rows);
    const sorted = [...heads.values()].sort((a, b) => (a.writer < b.writer ? -1 : 1));
    const checkpoint = { origin, size: edge.size, root: edge.root().toString("base64"), heads: sorted, closed };
    const note = signCheckpoint(checkpoint, next === undefined ? [grown.signer] : [grown.signer, next]);
    await db.transaction(async (tx) => {
      if (!(await holdLease(tx, leaseName, holder, grown.fence)))
        throw new Problem("unavailable", "another sequencer leads now");
      if (((await latestCheckpoint(tx))?.size ?? 0) !== grown.edge.size)
        throw new Problem("unavailable", "the tree has grown elsewhere");
      await insertSpans(tx, spansOf(grown.edge.size, rows));
      await insertTiles(tx, tiles);
      await insertAllClosed(tx, grown.closed.count, closing);
      if (next !== undefined) await turnKey(tx, edge.size);
      await insertCheckpoint(tx, edge.size, note);
    });
    if (next !== undefined) {
      const { folder, readSubject } = this.#options;
      await finishRotation(db, { folder, keys: { current: next, previous: grown.signer }, readSubject });
    }
    return { fence: grown.fence, signer: next ?? grown.signer, edge, note, heads, closed };
  }

  /** The key that an entry of this batch introduces. */
  async #nextKey(rows: readonly ChainRow[]): Promise<Signer | undefined> {
    const subjects = new Set(rows.filter((row) => row.kind === "rotated").map((row) => row.subject));
    if (subjects.size === 0) return undefined;
    const waiting = (await logKeys(this.#options.db)).find((row) => row.from_size === null);
    if (waiting === undefined || !subjects.has(waiting.introduced_by ?? "")) return undefined;
    const next = await openNextKey(this.#options.folder);
    if (next?.vkey !== waiting.vkey) throw new Halt("the signing key that was rotated in is not here");
    return next;
  }
}

/** Rows come by writer and number, so one span says where all of a writer's stand. */
function spansOf(from: number, rows: readonly ChainRow[]): readonly Span[] {
  const spans: { index: number; writer: string; seq: number; count: number }[] = [];
  for (const [at, { writer, seq }] of rows.entries()) {
    const last = spans.at(-1);
    if (last?.writer === writer) last.count++;
    else spans.push({ index: from + at, writer, seq, count: 1 });
  }
  return spans;
}

async function fold(closed: Checkpoint["closed"], closing: readonly WriterHead[]): Promise<Checkpoint["closed"]> {
  let hash: Uint8Array = Buffer.from(closed.hash, "base64");
  for (const head of closing) hash = await foldClosed(hash, head);
  return { count: closed.count + closing.length, hash: Buffer.from(hash).toString("base64") };
}

async function insertAllClosed(tx: Tx, count: number, closing: readonly WriterHead[]): Promise<void> {
  for (const [at, head] of closing.entries()) {
    await insertClosed(tx, count + at, { writer: head.writer, seq: head.seq, hash: Buffer.from(head.hash, "base64") });
  }
}
