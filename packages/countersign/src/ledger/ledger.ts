import type { Db } from "../db/db.ts";
import type { Clock } from "../floor/clock.ts";
import { newId } from "../floor/id.ts";
import type { Log } from "../floor/log.ts";
import { Problem } from "../floor/problem.ts";
import type { Append } from "./append.ts";
import { Chain } from "./chain.ts";
import type { Placed } from "./entry.ts";
import { databaseTime, registerWriter, renewLease, retireWriter } from "./sql.ts";
import { createStamp, type Stamp } from "./stamp.ts";

export interface Ledger {
  /** The writer in force: one process, one chain at a time. */
  writer(): string;
  /** Resolves when the entries are on disk. Rejects with `conflict` where somebody else moved the subject or holds a claim. */
  append(item: Append): Promise<readonly Placed[]>;
  /** False once the lease may have run out: from then on nothing may be dispatched. */
  alive(): boolean;
  /** True once it was closed: nothing more can be written by this process. */
  closed(): boolean;
  /** Database time in ms since the epoch, as far as this process knows it. */
  now(): number;
  /** This machine's clock less the database's, in ms. */
  skewMs(): number;
  close(): Promise<void>;
}

export interface LedgerOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  readonly host: string;
  readonly leaseMs?: number;
  /** Id of the key that this process seals with now. */
  readonly sealingKey?: () => string;
  /** Told of each writer that was fenced: what it had open is for recovery now. */
  readonly onFenced?: (writer: string) => void;
}

interface Writer {
  readonly id: string;
  readonly chain: Chain;
  alive(): boolean;
  /** No more renewals: none is under way once this resolves. */
  rest(): Promise<void>;
  close(): Promise<void>;
}

/** Opens the ledger for writing. A writer that was fenced is replaced by a new one with a chain of its own. */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  const stamp = createStamp(options.clock, await databaseTime(options.db));
  let closed = false;
  /** A next writer that is being opened. */
  let opening: Promise<void> | undefined;
  let writer = await openWriter(options, stamp, replace);

  function replace(): void {
    const old = writer;
    options.onFenced?.(old.id);
    void old.close();
    const opened = async (): Promise<void> => {
      if (closed) return;
      try {
        // One that comes after the closing began is what is closed.
        writer = await openWriter(options, stamp, replace);
      } catch (cause) {
        options.log.warn({ cause: String(cause) }, "no new writer could be opened yet");
        setTimeout(open, 500).unref();
      }
    };
    const open = (): void => {
      opening = opened();
    };
    open();
  }

  return {
    writer: () => writer.id,
    append: (item) =>
      closed ? Promise.reject(new Problem("unavailable", "the ledger is closed")) : writer.chain.append(item),
    alive: () => !closed && writer.alive(),
    closed: () => closed,
    now: () => stamp.now(),
    skewMs: () => stamp.skewMs(),
    async close() {
      closed = true;
      await writer.chain.drain();
      // Else the writer that takes a fenced one's place stays behind, with a lease that is renewed for ever.
      let opened: Promise<void> | undefined;
      while (opening !== opened) {
        opened = opening;
        await opened;
      }
      // Else a renewal that comes behind the retirement takes it for another replica's.
      await writer.rest();
      await retireWriter(options.db, writer.id).catch((cause: unknown) =>
        options.log.warn({ cause: String(cause) }, "the writer's lease could not be given back"),
      );
      await writer.close();
    },
  };
}

async function openWriter(options: LedgerOptions, stamp: Stamp, onFenced: () => void): Promise<Writer> {
  const { clock, db, log } = options;
  const leaseMs = options.leaseMs ?? 10_000;
  const id = newId("wrt", clock.now());
  const opened = clock.tick();
  await db.transaction((tx) => registerWriter(tx, id, options.host, leaseMs, options.sealingKey?.() ?? null));
  const chain = new Chain({ db, log, stamp, onFenced }, id);
  let until = opened + leaseMs;
  let beating: Promise<void> | undefined;
  const beat = async (): Promise<void> => {
    const asked = clock.tick();
    try {
      const now = await renewLease(db, id, leaseMs, chain.settledSeq());
      if (now === null) chain.fence();
      else {
        until = asked + leaseMs;
        stamp.heard(now, asked);
      }
    } catch (cause) {
      log.warn({ cause: String(cause) }, "the writer's lease could not be renewed");
    }
  };
  const next = (): void => {
    if (beating !== undefined || chain.fenced) return;
    beating = beat().finally(() => {
      beating = undefined;
    });
  };
  const timer = setInterval(next, Math.max(50, Math.floor(leaseMs / 5)));
  timer.unref();
  const rest = async (): Promise<void> => {
    clearInterval(timer);
    await beating;
  };
  return {
    id,
    chain,
    // INVARIANT: counted from before the renewal was asked, on a monotonic clock, less a tenth: never later than the database thinks.
    alive: () => !chain.fenced && clock.tick() < until - leaseMs / 10,
    rest,
    async close() {
      await rest();
      await chain.end();
    },
  };
}
