import type { WriterHead } from "@countersign/contract";
import type { Tx } from "../db/db.ts";
import type { Clock } from "../floor/clock.ts";
import { flawOfRow } from "./follow.ts";
import { Halt } from "./halt.ts";
import { type ChainRow, entriesAfter, lastSeqs, openWriters } from "./log-sql.ts";

/** What the tree grows by in one step. */
export interface Batch {
  readonly rows: readonly ChainRow[];
  /** Of every open writer, after these rows. */
  readonly heads: ReadonlyMap<string, WriterHead>;
  /** Last entries of writers that can never write again. */
  readonly closing: readonly WriterHead[];
  /** There may be more at once. */
  readonly isFull: boolean;
}

export const batchSize = 1_000;
/** Rows that are checked in one go: about a millisecond, then calls have their turn. */
const slice = 50;
/** A writer's entries commit in order, so a gap can be seen for no longer than a commit takes. */
const gapMs = 10_000;

/** Reads what can be taken next: by writer, then by number, each chain without a gap; never by time of commit. */
export class Taker {
  readonly #clock: Clock;
  readonly #gaps = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async take(tx: Tx, after: ReadonlyMap<string, WriterHead>): Promise<Batch> {
    // INVARIANT: first who is fenced, then what they wrote: a fenced writer's chain is read to its very end.
    const writers = await openWriters(tx);
    const heads = new Map(after);
    const from = writers.map(({ id }) => ({ writer: id, seq: heads.get(id)?.seq ?? -1 }));
    const found = await entriesAfter(tx, from, batchSize);
    const rows: ChainRow[] = [];
    const gapped = new Set<string>();
    for (const [at, row] of found.entries()) {
      if (at % slice === slice - 1) await new Promise((resolve) => setImmediate(resolve));
      const head = heads.get(row.writer);
      if (gapped.has(row.writer) || row.seq !== (head?.seq ?? -1) + 1) {
        gapped.add(row.writer);
        continue;
      }
      const flaw = flawOfRow(head, row);
      if (flaw !== undefined) throw new Halt(flaw);
      heads.set(row.writer, { writer: row.writer, seq: row.seq, hash: row.hash.toString("base64") });
      rows.push(row);
    }
    const isFull = found.length === batchSize;
    // Only the next so many numbers are read: where all of these are missing, what comes after them is not seen.
    const silent = isFull ? [] : writers.map(({ id }) => id).filter((id) => !found.some(({ writer }) => writer === id));
    if (silent.length > 0)
      for (const [writer, seq] of await lastSeqs(tx, silent))
        if (seq > (heads.get(writer)?.seq ?? -1)) gapped.add(writer);
    this.#watch(gapped, heads);
    const gone = isFull ? [] : writers.filter(({ id, fenced }) => fenced && !gapped.has(id));
    const closing = gone.map(({ id }) => heads.get(id)).filter((head) => head !== undefined);
    for (const { writer } of closing) heads.delete(writer);
    return { rows, heads, closing, isFull };
  }

  #watch(gapped: ReadonlySet<string>, heads: ReadonlyMap<string, WriterHead>): void {
    const now = this.#clock.tick();
    for (const writer of this.#gaps.keys()) if (!gapped.has(writer)) this.#gaps.delete(writer);
    for (const writer of gapped) {
      const since = this.#gaps.get(writer) ?? now;
      this.#gaps.set(writer, since);
      const missing = (heads.get(writer)?.seq ?? -1) + 1;
      if (now - since >= gapMs) throw new Halt(`entry \`${missing}\` of writer \`${writer}\` is missing`);
    }
  }
}
