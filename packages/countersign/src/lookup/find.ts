import type { Db } from "../db/db.ts";
import type { Clock } from "../floor/clock.ts";
import { actionOf, numberOf } from "./action-number.ts";
import { planByIndex, segmentsBefore, withTerms } from "./sql.ts";
import { keysOf } from "./term-key.ts";

export interface Sought {
  /** Digests of terms, at least one, all of which an action must have. */
  readonly terms: readonly number[];
  /** Only actions older than this one. */
  readonly before: string;
  readonly limit: number;
  /** Of the clock's tick: later than this no further segment is begun. */
  readonly untilTick: number;
}

export interface Hits {
  /** Ids, newest first. */
  readonly actions: readonly string[];
  /** Down to this action everything was looked at; null where that was everything. */
  readonly downTo: string | null;
}

/** Segments that are asked at once: one, then twice as many each time, since what is common is found in the first. */
const mostSegments = 64;

/** Finds actions by their terms, newest first, from the newest segment on. */
export function find(db: Db, clock: Clock, { terms, before, limit, untilTick }: Sought): Promise<Hits> {
  return db.transaction(async (tx) => {
    await planByIndex(tx);
    const found: string[] = [];
    let below = numberOf(before);
    for (let many = 1; ; many = Math.min(2 * many, mostSegments)) {
      const segments = await segmentsBefore(tx, below, many);
      const oldest = segments.at(-1);
      if (oldest === undefined) return { actions: found.map(actionOf), downTo: null };
      const numbers = segments.map(({ number }) => number);
      const lists = terms.map((digest) => keysOf(numbers, [digest]));
      found.push(...(await withTerms(tx, lists, below, limit - found.length)));
      if (found.length >= limit) return { actions: found.map(actionOf), downTo: actionOf(found.at(-1) ?? below) };
      below = oldest.first;
      if (clock.tick() > untilTick) return { actions: found.map(actionOf), downTo: actionOf(below) };
    }
  });
}
