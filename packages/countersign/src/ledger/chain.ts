import type { Db, Session } from "../db/db.ts";
import { isRetryable, isUniqueViolation, isWaitOver } from "../db/failure.ts";
import type { Log } from "../floor/log.ts";
import { Problem } from "../floor/problem.ts";
import { type Append, asConflict, fencedProblem, rowsOf, type Waiting } from "./append.ts";
import { emptyHead, type Head, type Placed, place } from "./entry.ts";
import { insertBatch, ownHashAt } from "./sql.ts";
import type { Stamp } from "./stamp.ts";

export interface ChainOptions {
  readonly db: Db;
  readonly log: Log;
  readonly stamp: Stamp;
  /** Called once, when this writer can never write again. */
  readonly onFenced: () => void;
}

const maxEntries = 256;
const maxBytes = 4 * 1024 * 1024;
const maxWaiting = 10_000;
const maxTries = 5;
/** From so many entries on, a batch is half of what waits: callers make their next entries while the other half syncs. */
const splitAt = 32;

/** One writer's chain: writes whatever queued while the last batch synced. Once fenced it never writes again. */
export class Chain {
  readonly #options: ChainOptions;
  readonly #writer: string;
  readonly #stamp: Stamp;
  readonly #waiting: Waiting[] = [];
  /** Subjects whose intent this writer wrote and nothing has settled yet, with the intent's number. */
  readonly #running = new Map<string, number>();
  #head: Head = emptyHead;
  #session: Session | undefined;
  #busy: Promise<void> | undefined;
  /** Callers whose entries are on disk and who have not heard of it yet. */
  #written: (() => void)[] = [];
  fenced = false;

  constructor(options: ChainOptions, writer: string) {
    this.#options = options;
    this.#writer = writer;
    this.#stamp = options.stamp;
  }

  append(item: Append): Promise<readonly Placed[]> {
    if (this.fenced) return Promise.reject(fencedProblem());
    if (this.#waiting.length >= maxWaiting) {
      return Promise.reject(
        new Problem("too_many", "the ledger has more waiting than it can take", { help: "try again in a moment" }),
      );
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#busy ??= this.#pump();
    });
  }

  settledSeq(): number {
    let lowest = this.#head.seq;
    for (const seq of this.#running.values()) if (seq < lowest) lowest = seq;
    return lowest;
  }

  fence(): void {
    if (this.fenced) return;
    this.fenced = true;
    this.#options.log.error(
      { writer: this.#writer },
      "this writer was fenced: another replica took over what it had open",
    );
    for (const waiting of this.#waiting.splice(0)) waiting.reject(fencedProblem());
    this.#options.onFenced();
  }

  async drain(): Promise<void> {
    while (this.#busy !== undefined) await this.#busy;
  }

  async end(): Promise<void> {
    await this.#session?.end();
  }

  async #pump(): Promise<void> {
    await Promise.resolve();
    try {
      while (this.#waiting.length > 0) {
        await this.#write(this.#next());
        if (this.#waiting.length === 0) this.#tell();
      }
    } finally {
      this.#busy = undefined;
      this.#tell();
    }
  }

  /** After the next batch was sent: what callers do with the news and the database's work go on side by side. */
  #tell(): void {
    for (const tell of this.#written.splice(0)) tell();
  }

  #next(): Waiting[] {
    const most = this.#waiting.length < splitAt ? maxEntries : Math.min(maxEntries, this.#waiting.length / 2);
    let entries = 0;
    let bytes = 0;
    let count = 0;
    for (const { item } of this.#waiting) {
      entries += item.sealed.length;
      for (const sealed of item.sealed) bytes += sealed.sealed.length;
      if (count > 0 && (entries > most || bytes > maxBytes)) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  /** Writes a batch; a bad row is bisected out and harms nobody else. */
  async #write(given: readonly Waiting[], tries = 1): Promise<void> {
    const batch = given.filter(({ isRefused }) => isRefused !== true);
    if (batch.length === 0) return;
    if (this.fenced) {
      for (const waiting of batch) waiting.reject(fencedProblem());
      return;
    }
    try {
      const survivors = batch.some((waiting) => waiting.item.within !== undefined)
        ? await this.#claimed(batch)
        : await this.#plain(batch);
      if (survivors === "fenced") {
        this.fence();
        for (const waiting of batch) waiting.reject(fencedProblem());
      }
    } catch (thrown) {
      this.#tell();
      if (isUniqueViolation(thrown, "entry_pkey")) {
        // A batch that was given up for lost arrived after all: this chain's end is no longer known here.
        this.fence();
        for (const waiting of batch) waiting.reject(fencedProblem());
      } else if (isRetryable(thrown) && tries < maxTries) {
        // Two writers' batches locked the same rows in another order: one by one they cannot.
        await new Promise((resolve) => setTimeout(resolve, tries * 10));
        for (const waiting of batch) await this.#write([waiting], tries + 1);
      } else if (
        thrown instanceof Problem &&
        thrown.code === "unavailable" &&
        !(isWaitOver(thrown) && batch.length > 1)
      ) {
        for (const waiting of batch) waiting.reject(thrown);
      } else if (batch.length === 1) batch[0]?.reject(asConflict(thrown));
      else {
        const middle = Math.ceil(batch.length / 2);
        await this.#write(batch.slice(0, middle));
        await this.#write(batch.slice(middle));
      }
    }
  }

  /** The hot path: one statement, one round trip, one sync. */
  async #plain(batch: readonly Waiting[]): Promise<"fenced" | "written"> {
    // Outside the doubt: what was not sent has certainly not been committed.
    const session = await this.#connected();
    const { groups, head } = this.#chain(batch);
    const placed = groups.flat();
    try {
      const inserting = insertBatch(session, this.#writer, rowsOf(batch, placed));
      this.#tell();
      const count = await inserting;
      if (count === 0 && placed.length > 0) return "fenced";
    } catch (thrown) {
      if (!(await this.#committedAfterAll(thrown, placed))) throw thrown;
    }
    this.#settle(batch, groups, head);
    return "written";
  }

  /** With claims of their own: claim first, chain only what survived, insert, commit. */
  async #claimed(batch: readonly Waiting[]): Promise<"fenced" | "written"> {
    this.#tell();
    const session = await this.#connected();
    const survivors: Waiting[] = [];
    let placed: readonly Placed[] = [];
    let chained: { groups: readonly (readonly Placed[])[]; head: Head } = { groups: [], head: this.#head };
    try {
      await session.query("begin");
      for (const waiting of batch) if (await claimOne(session, waiting)) survivors.push(waiting);
      chained = this.#chain(survivors);
      placed = chained.groups.flat();
      const count = placed.length === 0 ? 0 : await insertBatch(session, this.#writer, rowsOf(survivors, placed));
      if (count === 0 && placed.length > 0) {
        await session.query("rollback");
        return "fenced";
      }
      await session.query("commit");
    } catch (thrown) {
      if (isRetryable(thrown) || !(await this.#committedAfterAll(thrown, placed))) {
        await this.#session?.query("rollback").catch(() => undefined);
        throw thrown;
      }
    }
    this.#settle(survivors, chained.groups, chained.head);
    return "written";
  }

  #chain(batch: readonly Waiting[]): { groups: readonly (readonly Placed[])[]; head: Head } {
    let head = this.#head;
    const groups = batch.map((waiting) =>
      waiting.item.sealed.map((sealed) => {
        const placed = place(this.#writer, head, this.#stamp.next(), sealed);
        head = { seq: head.seq + 1, hash: placed.hash };
        return placed;
      }),
    );
    return { groups, head };
  }

  #settle(batch: readonly Waiting[], groups: readonly (readonly Placed[])[], head: Head): void {
    this.#head = head;
    batch.forEach((waiting, at) => {
      const placed = groups[at] ?? [];
      for (const entry of placed) {
        if (entry.draft.to === "running") this.#running.set(entry.draft.subject, entry.seq);
        else if (entry.draft.from === "running") this.#running.delete(entry.draft.subject);
      }
      this.#written.push(() => waiting.resolve(placed));
    });
  }

  /** After an error that leaves the commit in doubt, the writer reads its own last number back. */
  async #committedAfterAll(thrown: unknown, placed: readonly Placed[]): Promise<boolean> {
    if (!(thrown instanceof Problem && thrown.code === "unavailable") || isWaitOver(thrown)) return false;
    // Ended, not only forgotten: the locks of its transaction would outlive it.
    void this.#session?.end();
    this.#session = undefined;
    const last = placed.at(-1);
    if (last === undefined) return false;
    for (let attempt = 0; attempt < 40; attempt++) {
      try {
        const hash = await this.#options.db.transaction((tx) => ownHashAt(tx, this.#writer, last.seq));
        return hash?.equals(last.hash) === true;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
    }
    // Nobody can say whether it is there: this chain must not go on.
    this.fence();
    return false;
  }

  async #connected(): Promise<Session> {
    if (this.#session !== undefined) return this.#session;
    const session = await this.#options.db.connect();
    this.#session = session;
    void session.lost.then(() => {
      if (this.#session === session) this.#session = undefined;
    });
    return session;
  }
}

async function claimOne(session: Session, waiting: Waiting): Promise<boolean> {
  if (waiting.item.within === undefined) return true;
  await session.query("savepoint item");
  try {
    await waiting.item.within(session);
    await session.query("release savepoint item");
    return true;
  } catch (thrown) {
    // One that waited too long for what it alone wants is refused alone; where nothing answers any more, all are.
    if (thrown instanceof Problem && thrown.code === "unavailable" && !isWaitOver(thrown)) throw thrown;
    await session.query("rollback to savepoint item");
    waiting.isRefused = true;
    waiting.reject(asConflict(thrown));
    return false;
  }
}
