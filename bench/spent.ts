import type { Tally } from "../packages/countersign/src/action/index.ts";

/** Milliseconds that the hall says it spent, per part of a call's way. */
export interface Spent {
  readonly took: Tally["took"];
  /** Since the last time it was asked. */
  take(): SpentParts;
}

export type SpentParts = { readonly [part: string]: { readonly ms: number; readonly times: number } };

export function createSpent(): Spent {
  let parts: Record<string, { ms: number; times: number }> = {};
  return {
    took(part, ms) {
      const row = parts[part] ?? { ms: 0, times: 0 };
      parts[part] = { ms: row.ms + ms, times: row.times + 1 };
    },
    take() {
      const taken = parts;
      parts = {};
      return taken;
    },
  };
}
