import type { Db } from "../db/db.ts";
import type { Clock } from "../floor/clock.ts";
import { chance } from "../floor/id.ts";
import type { Log } from "../floor/log.ts";
import type { Secret } from "../floor/secret.ts";
import { type Patience, waitMs } from "./back-off.ts";
import { type Channel, isOver } from "./channel.ts";
import { asksNow } from "./notice.ts";
import type { Sent } from "./post.ts";
import { type Letter, type SendOptions, send } from "./send.ts";
import { buryOthers, markEnded, markFailed, type NoticeRow, takeDue, takeThese } from "./sql.ts";

export interface OutboxOptions {
  readonly db: Db;
  /** This process, as the outbox names who is sending. */
  readonly sender: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly patience: Patience;
  /** How long a sending may take before another replica takes it over: longer than every time-out of a sending. */
  readonly leaseMs: number;
  readonly channels: () => readonly Channel[];
  readonly publicUrl: () => string;
  readonly folder: string;
  readonly chatCall: SendOptions["chatCall"];
  readonly lease: (name: string, channel: string) => Promise<{ readonly value: Secret; release(): Promise<void> }>;
  /** Whether a question still waits. */
  readonly isOpen: (action: string) => Promise<boolean>;
  /** Crash tests cut here; in the product it does nothing. */
  readonly afterSend?: (id: string) => void;
}

export interface Outbox {
  /** Begins to send what is due, and does not wait for it. How many. */
  step(): Promise<number>;
  /** Sends these now, waits for them, and says no more of them than their rows do. */
  deliver(ids: readonly string[]): Promise<void>;
  /** What waits for a channel that is gone becomes a dead letter. */
  bury(): Promise<number>;
  /** Lets nothing new out and waits for what is on its way. */
  close(): Promise<void>;
}

/** A slow receiver keeps this many of this replica's sendings, and no other channel's. */
const mostAtOnce = 4;

/** Sends what the outbox holds, each by one replica at a time, at least once. */
export function openOutbox(options: OutboxOptions): Outbox {
  const { db, sender, log } = options;
  const flying = new Map<string, number>();
  const working = new Set<Promise<void>>();
  let isOver_ = false;

  const start = (row: NoticeRow): Promise<void> => {
    flying.set(row.channel, (flying.get(row.channel) ?? 0) + 1);
    const one = settle(options, row)
      // Its lease runs out, and it is sent again under the same id.
      .catch((cause: unknown) => log.warn({ notice: row.id, cause: String(cause) }, "a notice's end was not noted"))
      .finally(() => {
        flying.set(row.channel, (flying.get(row.channel) ?? 1) - 1);
        working.delete(one);
      });
    working.add(one);
    return one;
  };

  return {
    async step() {
      if (isOver_) return 0;
      const free = options
        .channels()
        .map(({ name }) => ({ name, most: mostAtOnce - (flying.get(name) ?? 0) }))
        .filter(({ most }) => most > 0);
      if (free.length === 0) return 0;
      const rows = await takeDue(db, sender, free, options.leaseMs);
      for (const row of rows) void start(row);
      return rows.length;
    },
    async deliver(ids) {
      if (isOver_ || ids.length === 0) return;
      const rows = await takeThese(db, sender, ids, options.leaseMs);
      await Promise.all(rows.map(start));
    },
    bury: () =>
      buryOthers(
        db,
        options.channels().map(({ name }) => name),
        "the channel is no longer among the workspace's notifications",
      ),
    async close() {
      isOver_ = true;
      await Promise.all(working);
    },
  };
}

async function settle(options: OutboxOptions, row: NoticeRow): Promise<void> {
  const { db, sender, patience, log, afterSend } = options;
  const channel = options.channels().find(({ name }) => name === row.channel);
  const sent = channel === undefined || row.body === null ? gone : await sendRow(options, channel, row, row.body);
  afterSend?.(row.id);
  if (sent.kind === "sent" || sent.kind === "over") {
    if (!(await markEnded(db, { id: row.id, sender, state: sent.kind, fault: null })))
      log.info({ notice: row.id }, "a notice took longer than its lease, and may be sent twice");
    return;
  }
  const wait = sent.kind === "never" ? undefined : waitMs(row.tries, chance(), patience);
  if (wait === undefined) {
    await markEnded(db, { id: row.id, sender, state: "dead", fault: sent.why });
    log.warn(
      { notice: row.id, channel: row.channel, why: sent.why },
      "a notice could not be delivered and is a dead letter",
    );
  } else {
    const afterMs = sent.kind === "later" ? (sent.afterMs ?? 0) : 0;
    await markFailed(db, { id: row.id, sender, waitMs: Math.max(wait, afterMs), fault: sent.why });
  }
}

const gone: Sent = { kind: "never", why: "the channel is no longer among the workspace's notifications" };

async function sendRow(
  options: OutboxOptions,
  channel: Channel,
  row: NoticeRow,
  body: NonNullable<NoticeRow["body"]>,
): Promise<Sent | { readonly kind: "over" }> {
  if (asksNow(row.type) && isOver(channel, row.type, await options.isOpen(row.subject))) return { kind: "over" };
  const { id, type, subject, made_at: madeAt, person } = row;
  const letter: Letter = { id, type, subject, madeAt, person, body };
  const leases: { release(): Promise<void> }[] = [];
  try {
    return await send(channel, letter, {
      nowMs: options.clock.now(),
      publicUrl: options.publicUrl(),
      folder: options.folder,
      chatCall: options.chatCall,
      async secret(name) {
        const lease = await options.lease(name, channel.name);
        leases.push(lease);
        return lease.value;
      },
    });
  } finally {
    await Promise.all(leases.map((lease) => lease.release()));
  }
}
