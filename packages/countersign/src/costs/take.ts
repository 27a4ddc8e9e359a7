import type { Tx } from "../db/db.ts";
import { type Limits, type Window, windowsOf } from "./budget.ts";
import { takeBlock } from "./sql.ts";

/** Reserves one dispatch in every window that applies; the first window that is full is returned. */
export interface Budget {
  take(workflow: string, run: string, limits: Limits, nowMs: number): Promise<Window | undefined>;
}

/**
 * Each replica takes blocks of at most a fiftieth of a limit from the database and spends them in memory: never more
 * than the limit over all replicas, a little less where a replica dies with part of a block.
 */
export function createBudget(tx: Tx): Budget {
  const blocks = new Map<
    string,
    { startsMs: number; limit: number; left: number; taking: Promise<void> | undefined; full: boolean }
  >();

  async function takeOne(window: Window): Promise<boolean> {
    let block = blocks.get(window.scope);
    // A limit that was changed meanwhile counts at once: what is left of a block of the old one is let go.
    if (block === undefined || block.startsMs !== window.startsMs || block.limit !== window.limit) {
      block = { startsMs: window.startsMs, limit: window.limit, left: 0, taking: undefined, full: false };
      blocks.set(window.scope, block);
      if (blocks.size > 10_000) blocks.delete(blocks.keys().next().value as string);
    }
    while (block.left === 0) {
      if (block.full) return false;
      const mine = block;
      mine.taking ??= takeBlock(tx, window, Math.max(1, Math.floor(window.limit / 50)))
        .then((had) => {
          mine.left += had;
          mine.full = had === 0;
        })
        .finally(() => {
          mine.taking = undefined;
        });
      await mine.taking;
    }
    block.left--;
    return true;
  }

  return {
    async take(workflow, run, limits, nowMs) {
      for (const window of windowsOf(workflow, run, limits, nowMs)) if (!(await takeOne(window))) return window;
      return undefined;
    },
  };
}
