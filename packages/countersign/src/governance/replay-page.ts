import type { Session } from "../db/db.ts";
import { readCalls } from "../ledger/read-calls.ts";
import { readPage } from "../ledger/read-page.ts";
import type { Page } from "../ledger/replay-sql.ts";
import type { KeyWrap } from "../ledger/seal.ts";
import type { DifferingNeeds } from "../policy/trial/differing-needs.ts";
import type { CountedCall, ToldFacts } from "../policy/trial/windows-of.ts";
import { countedCall } from "./counted-call.ts";
import type { Replay } from "./replay-decisions.ts";
import type { ReplayBounds, Replayed } from "./replayed.ts";

/** Which actions are replayed, of all that were asked for. */
export interface ReplayFilter {
  /** RFC 3339. */
  readonly since: string;
  readonly workflow?: string;
}

export interface PageTask {
  readonly page: Page;
  readonly bounds: ReplayBounds;
  /** What the windows that differ held at the page's decisions. */
  readonly told?: ToldFacts;
}

/** A page whose calls are counted, before any page is replayed. */
export interface CountTask {
  readonly page: Page;
  /** RFC 3339: further back than what is replayed, as far as the longest window. */
  readonly since: string;
}

/** Where stored decisions are read, and what opens them. */
export interface ReplaySource {
  readonly session: Session;
  readonly wrap: Pick<KeyWrap, "open">;
  readonly filter: ReplayFilter;
  readonly tick: () => number;
}

/** Reads, opens and replays the decisions of one page. */
export async function replayPage(
  { session, wrap, filter, tick }: ReplaySource,
  begin: (bounds: ReplayBounds, told?: ToldFacts) => Replay,
  { page, bounds, told }: PageTask,
): Promise<Replayed> {
  const { found, take } = begin(bounds, told);
  const started = tick();
  await readPage(session, filter, page, wrap, take);
  const { took } = found;
  took.readMs = tick() - started - took.reproduceMs - took.evaluateMs;
  return found;
}

/** Reads the calls of one page that differing windows count or are asked about. */
export async function countPage(
  { session, wrap, filter }: ReplaySource,
  differing: DifferingNeeds,
  { page, since }: CountTask,
): Promise<readonly CountedCall[]> {
  const { tools, byEnd, isAcross } = differing;
  const { workflow: _, ...everywhere } = filter;
  const found: CountedCall[] = [];
  await readCalls(
    session,
    { ...(isAcross ? everywhere : filter), since, tools, byEnd },
    page,
    wrap,
    (action, entries) => {
      const call = countedCall(action, entries, differing.of);
      if (call !== undefined) found.push(call);
    },
  );
  return found;
}
