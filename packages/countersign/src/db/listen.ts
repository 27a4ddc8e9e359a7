import type { Log } from "../floor/log.ts";
import { silent } from "../floor/log.ts";
import type { Db, Session } from "./db.ts";

export interface WatchOptions {
  /** How often to look although nothing was heard: notifications are a hint, this is the truth. */
  readonly everyMs: number;
  /** Looks for what is new. Never runs twice at once; heard meanwhile, it runs again. */
  readonly onChange: () => Promise<void> | void;
  /** Other channels that the same connection listens to. What is notified while it is not there is lost. */
  readonly also?: { readonly [channel: string]: (payload: string) => void };
  readonly log?: Log;
  readonly reconnectMs?: number;
}

export interface Watch {
  /** Looks now, as if something had been heard. */
  poke(): void;
  /** Resolves when the last look is over. */
  stop(): Promise<void>;
}

/** Calls `onChange` at once, whenever `channel` is notified, after each reconnection, and at least every `everyMs`. */
export function watch(db: Pick<Db, "connect">, channel: string, options: WatchOptions): Watch {
  const log = options.log ?? silent;
  let isOver = false;
  let session: Session | undefined;
  let retry: NodeJS.Timeout | undefined;
  const looking = oneAtATime(async () => {
    try {
      await options.onChange();
    } catch (cause) {
      log.warn({ cause, channel }, "looking for news failed; it is tried again");
    }
  });

  const connect = async () => {
    try {
      const made = await db.connect();
      if (isOver) return void made.end();
      session = made;
      void made.lost.then(() => reconnect());
      await made.onNotify(channel, () => looking.run());
      for (const [other, hear] of Object.entries(options.also ?? {})) await made.onNotify(other, hear);
      // What was notified while nobody listened is found by looking.
      looking.run();
    } catch (cause) {
      log.warn({ cause, channel }, "no notifications now; looking at intervals only");
      if (session === undefined) reconnect();
      else void session.end();
    }
  };
  const reconnect = () => {
    session = undefined;
    if (isOver) return;
    clearTimeout(retry);
    retry = setTimeout(() => void connect(), options.reconnectMs ?? 1_000);
    retry.unref();
  };

  const timer = setInterval(() => looking.run(), options.everyMs);
  timer.unref();
  looking.run();
  void connect();
  return {
    poke: () => looking.run(),
    async stop() {
      isOver = true;
      clearInterval(timer);
      clearTimeout(retry);
      looking.close();
      await session?.end();
      await looking.settled();
    },
  };
}

function oneAtATime(work: () => Promise<void>) {
  let running: Promise<void> | undefined;
  let isAsked = false;
  let isClosed = false;
  const run = () => {
    if (isClosed) return;
    isAsked = true;
    running ??= (async () => {
      while (isAsked && !isClosed) {
        isAsked = false;
        await work();
      }
    })().finally(() => {
      running = undefined;
    });
  };
  return {
    run,
    close: () => {
      isClosed = true;
    },
    settled: async () => running,
  };
}
