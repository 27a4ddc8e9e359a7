import type { Tx } from "../db/db.ts";
import { idMs } from "../floor/id.ts";
import { clocksApartMs, type Page, pagesSince } from "../ledger/replay-sql.ts";
import { differingNeeds } from "../policy/trial/differing-needs.ts";
import { type CountedCall, type ToldFacts, type WindowFacts, windowsOf } from "../policy/trial/windows-of.ts";
import type { ReplaySets } from "./replay-decisions.ts";
import type { ReplayFilter } from "./replay-page.ts";
import type { Replayer } from "./replay-threads.ts";
import type { CountedWindows } from "./simulation.ts";

const actionsOfPage = 500;

export interface Counted {
  readonly told: (page: Page) => ToldFacts | undefined;
  /** Absent where no window differs: then nothing was read. */
  readonly windows?: CountedWindows;
  /** Actions on the pages that were read. */
  readonly actions: number;
}

export interface CountOptions {
  readonly db: Tx;
  readonly sets: ReplaySets;
  readonly replayer: Pick<Replayer, "count" | "ahead">;
  readonly filter: ReplayFilter;
  /** Those that will be replayed, newest first. */
  readonly pages: readonly Page[];
  /** Actions before this one are read. */
  readonly before?: string;
}

/**
 * What the draft's own windows held at each decision of some pages, told from the calls themselves: those of the pages
 * and, before them, as far back as the longest window looks. Gives how many actions were read, and of how many.
 */
export async function* countWindows({
  db,
  sets,
  replayer,
  filter,
  pages,
  before = "act_~",
}: CountOptions): AsyncGenerator<{ readonly done: number; readonly all: number }, Counted> {
  const differing = differingNeeds(sets.inForce, sets.draft);
  const oldest = pages.at(-1);
  if (differing.windows.length === 0 || oldest === undefined) return { told: () => undefined, actions: 0 };
  const startMs = Math.max(Date.parse(filter.since), idMs(oldest.last) - clocksApartMs);
  const since = new Date(startMs - differing.longestMs).toISOString();
  const { workflow: _, ...everywhere } = filter;
  const range = differing.isAcross ? everywhere : filter;
  const counting = await pagesSince(db, { ...range, since, before }, actionsOfPage, null);
  const all = counting.reduce((sum, { actions }) => sum + actions, 0);
  const calls: CountedCall[] = [];
  const open: Promise<readonly CountedCall[]>[] = [];
  let next = 0;
  let done = 0;
  for (const { actions } of counting) {
    for (; open.length < replayer.ahead && next < counting.length; next++) {
      const counted = replayer.count({ page: counting[next] as Page, since });
      // Whoever stops early never asks for it.
      counted.catch(() => undefined);
      open.push(counted);
    }
    for (const call of await (open.shift() as (typeof open)[number])) calls.push(call);
    done += actions;
    yield { done, all };
  }
  const byPage = onPages(pages, windowsOf(calls, differing.of));
  return { told: (page) => byPage.get(page), windows: { names: differing.windows, from: since }, actions: all };
}

function onPages(pages: readonly Page[], told: ToldFacts): ReadonlyMap<Page, ToldFacts> {
  const found = new Map(pages.map((page) => [page, new Map<string, ReadonlyMap<number, WindowFacts>>()]));
  for (const [action, steps] of told) {
    const page = pageOf(pages, action);
    if (page !== undefined) found.get(page)?.set(action, steps);
  }
  return found;
}

/** Pages are disjoint and the newest is the first. */
function pageOf(pages: readonly Page[], action: string): Page | undefined {
  let low = 0;
  let high = pages.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pages[middle] as Page).last <= action) high = middle;
    else low = middle + 1;
  }
  const page = pages[low];
  return page !== undefined && page.last <= action && action <= page.first ? page : undefined;
}
