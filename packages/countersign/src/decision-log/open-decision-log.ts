import { setTimeout as sleep } from "node:timers/promises";
import type { Decision, DecisionInput, Json, JsonObject } from "@countersign/contract";
import type { Clock } from "../floor/clock.ts";
import type { Log } from "../floor/log.ts";
import type { Secret } from "../floor/secret.ts";
import { eventOf, type Shown } from "./event.ts";
import { type Sent, send } from "./send.ts";

export interface DecisionLogRule {
  readonly url: string;
  readonly credential?: string;
  readonly input: Shown;
  readonly labels: Readonly<Record<string, string>>;
  readonly maxQueued: number;
}

export interface DecisionLogStatus {
  readonly queued: number;
  readonly sent: number;
  readonly lost: number;
  /** What stands in the way now; absent where the last batch was taken. */
  readonly fault?: string;
  /** Monotonic milliseconds of the last loss. */
  readonly lostAtMs?: number;
}

export interface DecisionLog {
  /** Never waits and never throws: a decision that cannot be kept until it is sent is counted as lost. */
  add(input: DecisionInput, decision: Decision): void;
  status(): DecisionLogStatus;
  use(rule: DecisionLogRule | undefined): void;
  /** Sends what it can in one go. What is left is lost, and told. */
  close(): Promise<void>;
}

export interface DecisionLogOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Names this replica in every event. */
  readonly id: string;
  readonly version: string;
  readonly redact: (value: Json) => Json;
  readonly lease: (name: string) => Promise<{ readonly value: Secret; release(): Promise<void> }>;
}

const everyMs = 1000;
const mostAtOnce = 500;
const mostBytesAtOnce = 1_048_576;
/** What may wait in memory, whatever `maxQueued` says. */
const mostBytes = 64 * 1_048_576;
/** An event without arguments, roughly. */
const usualBytes = 2048;
const longestPauseMs = 60_000;
const closeMs = 3000;

interface Kept {
  readonly event: object;
  readonly shown: Shown;
  readonly bytes: number;
}

/** Sends decisions to a collector of OPA's decision logs, off the way of the calls: from memory, in batches, in order. */
export function openDecisionLog(options: DecisionLogOptions): DecisionLog {
  const { clock, log } = options;
  let rule: DecisionLogRule | undefined;
  let queue: Kept[] = [];
  let queuedBytes = 0;
  let sent = 0;
  let lost = 0;
  let untold = 0;
  let lostAtMs: number | undefined;
  let fault: string | undefined;
  let failures = 0;
  let notBefore = 0;
  let working: Promise<void> | undefined;

  const lose = (count: number): void => {
    if (count === 0) return;
    lost += count;
    untold += count;
    lostAtMs = clock.tick();
  };
  const tell = (): void => {
    if (untold === 0) return;
    log.warn({ lost: untold, all: lost, fault }, "decisions were not sent to the collector, and are lost to it");
    untold = 0;
  };
  const post = async (to: DecisionLogRule, batch: readonly Kept[]): Promise<Sent> => {
    let lease: Awaited<ReturnType<DecisionLogOptions["lease"]>> | undefined;
    try {
      const events = batch.map(({ event, shown }) => {
        const plain = JSON.parse(JSON.stringify(event)) as JsonObject;
        return shown === "full" ? (options.redact(plain) as JsonObject) : plain;
      });
      lease = to.credential === undefined ? undefined : await options.lease(to.credential);
      return await send(to.url, events, lease === undefined ? undefined : `Bearer ${lease.value.reveal()}`);
    } catch {
      return { kind: "later", why: "its credential could not be had from the secret store" };
    } finally {
      await lease?.release();
    }
  };
  /** One batch; true where there is more to send at once. */
  const step = async (): Promise<boolean> => {
    const to = rule;
    if (to === undefined || queue.length === 0) return false;
    const batch = firstOf(queue);
    const made = await post(to, batch);
    if (made.kind === "later") {
      fault = made.why;
      failures++;
      notBefore = clock.tick() + Math.min(longestPauseMs, everyMs * 2 ** Math.min(failures, 10));
      return false;
    }
    // What came in meanwhile may have pushed the oldest out, which are then counted already.
    const still = new Set(batch);
    const left = queue.filter((kept) => !still.has(kept));
    const settled = queue.length - left.length;
    queue = left;
    queuedBytes = bytesOf(queue);
    failures = 0;
    if (made.kind === "taken") {
      sent += settled;
      fault = undefined;
    } else {
      fault = made.why;
      lose(settled);
    }
    return queue.length > 0;
  };
  const flush = (): Promise<void> => {
    working ??= (async () => {
      while (await step());
    })()
      .catch((cause: unknown) => log.warn({ cause: String(cause) }, "decisions could not be sent"))
      .finally(() => {
        working = undefined;
        tell();
      });
    return working;
  };
  const ticking = setInterval(() => {
    if (clock.tick() >= notBefore) void flush();
    else tell();
  }, everyMs);
  ticking.unref();

  return {
    add(input, decision) {
      if (rule === undefined) return;
      const shown = rule.input;
      const labels = { ...rule.labels, id: options.id, app: "countersign", version: options.version };
      const bytes = shown === "full" ? JSON.stringify(input).length : usualBytes;
      queue.push({ event: eventOf(input, decision, labels, shown), shown, bytes });
      queuedBytes += bytes;
      let over = 0;
      while (queue.length > over && (queue.length - over > rule.maxQueued || queuedBytes > mostBytes)) {
        queuedBytes -= queue[over]?.bytes ?? 0;
        over++;
      }
      queue.splice(0, over);
      lose(over);
    },
    status: () => ({
      queued: queue.length,
      sent,
      lost,
      ...(fault === undefined ? {} : { fault }),
      ...(lostAtMs === undefined ? {} : { lostAtMs }),
    }),
    use(next) {
      if (next === undefined) {
        lose(queue.length);
        queue = [];
        queuedBytes = 0;
        fault = undefined;
      }
      rule = next;
      notBefore = 0;
    },
    async close() {
      clearInterval(ticking);
      const timer = new AbortController();
      const inTime = sleep(closeMs, undefined, { ref: false, signal: timer.signal }).catch(() => undefined);
      // What is under way, and then what is left.
      await Promise.race([flush().then(flush), inTime]);
      timer.abort();
      lose(queue.length);
      queue = [];
      tell();
    },
  };
}

/** The oldest, as many as go in one batch; at least one. */
function firstOf(queue: readonly Kept[]): readonly Kept[] {
  let bytes = 0;
  const most = queue.slice(0, mostAtOnce);
  const end = most.findIndex((kept, index) => {
    bytes += kept.bytes;
    return index > 0 && bytes > mostBytesAtOnce;
  });
  return end < 0 ? most : most.slice(0, end);
}

function bytesOf(queue: readonly Kept[]): number {
  return queue.reduce((sum, kept) => sum + kept.bytes, 0);
}
