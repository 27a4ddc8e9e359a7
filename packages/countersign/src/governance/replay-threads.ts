import { Worker } from "node:worker_threads";
import type { Log } from "../floor/log.ts";
import { Problem } from "../floor/problem.ts";
import type { CountedCall } from "../policy/trial/windows-of.ts";
import { ended } from "./replay-ended.ts";
import type { CountTask, PageTask } from "./replay-page.ts";
import type { Answered, Asked, ReplayOrder } from "./replay-worker.ts";
import type { Replayed } from "./replayed.ts";

/** What replays pages, here or elsewhere. */
export interface Replayer {
  /** So many pages are worth asking for at once. */
  readonly ahead: number;
  replay(task: PageTask): Promise<Replayed>;
  /** Reads what windows count, before anything is replayed. */
  count(task: CountTask): Promise<readonly CountedCall[]>;
  /** Ends it at once, with everything that it has open. */
  close(): Promise<void>;
}

export interface ThreadOptions {
  readonly order: ReplayOrder;
  readonly log: Log;
  /** Does a page that a thread could not do, such as one whose keys were wrapped anew meanwhile. */
  readonly instead: Pick<Replayer, "replay" | "count">;
}

const threads = 2;
/** One that it works on, and one that it has next. */
const pagesOfThread = 2;

/** Replays pages in two threads of their own, each with a connection of its own to the database. */
export function openThreads(options: ThreadOptions): Replayer {
  const all = Array.from({ length: threads }, () => startThread(options));
  const ask = <T extends Task>(task: T): Promise<Found<T>> => {
    // One that could not do a page, as its connection is gone, would have the next at once, and every one after it.
    const [first, ...others] = all.filter((one) => !one.isFaulty());
    if (first === undefined) return doneBy(options.instead, task);
    return others.reduce((best, one) => (one.open() < best.open() ? one : best), first).ask(task);
  };
  return {
    ahead: threads * pagesOfThread,
    replay: ask<PageTask>,
    count: ask<CountTask>,
    close: async () => void (await Promise.all(all.map((one) => one.close()))),
  };
}

type Task = PageTask | CountTask;
type Found<T extends Task> = T extends PageTask ? Replayed : readonly CountedCall[];

function doneBy<T extends Task>(replayer: ThreadOptions["instead"], task: T): Promise<Found<T>> {
  return ("bounds" in task ? replayer.replay(task) : replayer.count(task)) as Promise<Found<T>>;
}

interface Thread {
  open(): number;
  /** It could not do a page: it is given no more. */
  isFaulty(): boolean;
  ask<T extends Task>(task: T): Promise<Found<T>>;
  close(): Promise<void>;
}

interface Open {
  readonly task: Task;
  readonly resolve: (found: never) => void;
  readonly reject: (reason: Problem) => void;
}

function startThread({ order, log, instead }: ThreadOptions): Thread {
  const file = import.meta.url.endsWith(".ts") ? "./replay-worker.ts" : "./replay-worker.js";
  const worker = new Worker(new URL(file, import.meta.url), {
    workerData: order,
    resourceLimits: { maxOldGenerationSizeMb: 1024, maxYoungGenerationSizeMb: 64 },
  });
  worker.unref();
  const open = new Map<number, Open>();
  let last = 0;
  let over: Problem | undefined;
  let isFaulty = false;
  const end = (problem: Problem): void => {
    over ??= problem;
    for (const { reject } of open.values()) reject(over);
    open.clear();
  };
  worker.on("message", (answer: Answered) => {
    const asked = open.get(answer.id);
    open.delete(answer.id);
    if ("found" in answer) return asked?.resolve(answer.found as never);
    isFaulty = true;
    log.warn({ cause: answer.fault }, "a thread could not replay a page, so it is done here");
    if (asked !== undefined) asked.resolve(doneBy(instead, asked.task) as never);
  });
  worker.once("error", (cause) => {
    log.warn({ cause: String(cause) }, "a thread of a simulation broke");
    end(gone(cause));
  });
  worker.once("exit", () => end(gone()));
  return {
    open: () => open.size,
    isFaulty: () => isFaulty && over === undefined,
    ask(task) {
      if (over !== undefined) return Promise.reject(over);
      const id = ++last;
      return new Promise((resolve, reject) => {
        open.set(id, { task, resolve: resolve as Open["resolve"], reject });
        worker.postMessage({ id, task } satisfies Asked);
      });
    },
    async close() {
      end(ended());
      await worker.terminate();
    },
  };
}

function gone(cause?: unknown): Problem {
  const what = "a thread of the simulation ended before its work was done, so there is no report; nothing was changed";
  return new Problem("unavailable", what, {
    help: "ask again; if it ends again, simulate fewer decisions with `--limit`",
    ...(cause === undefined ? {} : { cause }),
  });
}
