import type { Tx } from "../db/db.ts";
import type { Clock } from "../floor/clock.ts";
import { actionOf, numberOf } from "./action-number.ts";
import { countTerms, segmentsBefore, withCommonTerms, withRareTerm, withTerm } from "./sql.ts";

export interface Sought {
  /** Digests of terms, all of which an action must have. */
  readonly terms: readonly string[];
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

const chunk = 128;
/** Fewer than this are looked up one by one among the other terms' actions. */
const rare = 200;

/** Finds actions by their terms, newest first, segment by segment. */
export async function find(tx: Tx, clock: Clock, { terms, before, limit, untilTick }: Sought): Promise<Hits> {
  const found: string[] = [];
  let below = numberOf(before);
  for (;;) {
    const segments = await segmentsBefore(tx, below, chunk);
    if (segments.length === 0) return { actions: found.map(actionOf), downTo: null };
    const counts = await countTerms(
      tx,
      segments.map((one) => one.number),
      terms,
      rare,
    );
    for (const { number, first } of segments) {
      const here = counts.filter((one) => one.segment === number).sort((a, b) => a.count - b.count);
      if (here.every((one) => one.count > 0)) {
        const names = here.map((one) => one.term);
        const left = limit - found.length;
        found.push(...(await inSegment(tx, number, names, here[0]?.count ?? 0, below, left)));
        if (found.length >= limit) return { actions: found.map(actionOf), downTo: actionOf(found.at(-1) ?? below) };
      }
      below = first;
      if (clock.tick() > untilTick) return { actions: found.map(actionOf), downTo: actionOf(first) };
    }
  }
}

function inSegment(
  tx: Tx,
  number: number,
  [rarest = "", ...others]: readonly string[],
  count: number,
  below: string,
  limit: number,
): Promise<readonly string[]> {
  if (others.length === 0) return withTerm(tx, number, rarest, below, limit);
  const terms = [rarest, ...others];
  return count < rare
    ? withRareTerm(tx, number, terms, below, limit)
    : withCommonTerms(tx, number, terms, below, limit);
}
