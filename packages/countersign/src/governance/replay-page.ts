import type { Session } from "../db/db.ts";
import { readPage } from "../ledger/read-page.ts";
import type { Page } from "../ledger/replay-sql.ts";
import type { KeyWrap } from "../ledger/seal.ts";
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
  begin: (bounds: ReplayBounds) => Replay,
  { page, bounds }: PageTask,
): Promise<Replayed> {
  const { found, take } = begin(bounds);
  const started = tick();
  await readPage(session, filter, page, wrap, take);
  const { took } = found;
  took.readMs = tick() - started - took.reproduceMs - took.evaluateMs;
  return found;
}
