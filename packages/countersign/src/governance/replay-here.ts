import type { Session } from "../db/db.ts";
import { differingNeeds } from "../policy/trial/differing-needs.ts";
import type { Control } from "./control.ts";
import { type ReplaySets, replaying } from "./replay-decisions.ts";
import { ended } from "./replay-ended.ts";
import { countPage, type ReplayFilter, type ReplaySource, replayPage } from "./replay-page.ts";
import type { Replayer } from "./replay-threads.ts";

/** Replays pages in this thread, as suits a few of them. */
export function replayHere({ db, wrap, clock }: Control["parts"], sets: ReplaySets, filter: ReplayFilter): Replayer {
  const tick = (): number => clock.tick();
  const begin = replaying(sets, tick);
  const differing = differingNeeds(sets.inForce, sets.draft);
  let opening: Promise<Session> | undefined;
  let isClosed = false;
  // A session answers one question at a time.
  let last: Promise<unknown> = Promise.resolve();
  const next = <T>(work: (source: ReplaySource) => Promise<T>): Promise<T> => {
    const page = last.then(async () => {
      if (isClosed) throw ended();
      opening ??= db.connect();
      return work({ session: await opening, wrap, filter, tick });
    });
    last = page.catch(() => undefined);
    return page;
  };
  return {
    ahead: 1,
    replay: (task) => next((source) => replayPage(source, begin, task)),
    count: (task) => next((source) => countPage(source, differing, task)),
    async close() {
      isClosed = true;
      await opening?.then(
        (session) => session.end(),
        () => undefined,
      );
    },
  };
}
