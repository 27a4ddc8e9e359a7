import type { Tx } from "../db/db.ts";
import { type Limits, type Window, windowsOf } from "./budget.ts";
import { takeBlock } from "./sql.ts";

/** Reserves one dispatch in every window that applies; the first window that is full is returned. */
export interface Budget {
  take(workflow: string, run: string, limits: Limits, nowMs: number): Promise<Window | undefined>;
}

interface Block {
  readonly startsMs: number;
  readonly limit: number;
  left: number;
  /** How many to ask for next: twice what was had, so that a replica that does little holds little. */
  want: number;
  taking: Promise<void> | undefined;
  isFull: boolean;
}

/**
 * Each replica takes blocks from the database and spends them in memory: never more than the limit over all replicas,
 * a little less where a replica dies with part of a block. A block is at most a fiftieth of what is left, so that no
 * number of deaths uses a window up.
 */
export function createBudget(tx: Tx): Budget {
  const blocks = new Map<string, Block>();

  /** The block that it was taken from; undefined where the window is full. */
  async function takeOne(window: Window): Promise<Block | undefined> {
    let block = blocks.get(window.scope);
    // A limit that was changed meanwhile counts at once: what is left of a block of the old one is let go.
    if (block === undefined || block.startsMs !== window.startsMs || block.limit !== window.limit) {
      const { startsMs, limit } = window;
      block = {
        startsMs,
        limit,
        left: 0,
        want: Math.max(1, Math.floor(limit / 1000)),
        taking: undefined,
        isFull: false,
      };
      blocks.set(window.scope, block);
      if (blocks.size > 10_000) blocks.delete(blocks.keys().next().value as string);
    }
    while (block.left === 0) {
      if (block.isFull) return undefined;
      const mine = block;
      mine.taking ??= takeBlock(tx, window, mine.want)
        .then((had) => {
          mine.left += had;
          mine.want = Math.max(1, had * 2);
          mine.isFull = had === 0;
        })
        .finally(() => {
          mine.taking = undefined;
        });
      await mine.taking;
    }
    block.left--;
    return block;
  }

  return {
    async take(workflow, run, limits, nowMs) {
      const taken: Block[] = [];
      // INVARIANT: a call that is not dispatched uses nothing up, or one run's loop would use up everybody's day.
      const giveBack = (): void => {
        for (const block of taken) block.left++;
      };
      for (const window of windowsOf(workflow, run, limits, nowMs)) {
        const block = await takeOne(window).catch((cause: unknown) => {
          giveBack();
          throw cause;
        });
        if (block === undefined) {
          giveBack();
          return window;
        }
        taken.push(block);
      }
      return undefined;
    },
  };
}
