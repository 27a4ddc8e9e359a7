import type { Session } from "../db/db.ts";
import type { Control } from "./control.ts";
import { type ReplaySets, replaying } from "./replay-decisions.ts";
import { ended } from "./replay-ended.ts";
import { type ReplayFilter, replayPage } from "./replay-page.ts";
import type { Replayer } from "./replay-threads.ts";

/** Replays pages in this thread, as suits a few of them. */
export function replayHere({ db, wrap, clock }: Control["parts"], sets: ReplaySets, filter: ReplayFilter): Replayer {
  const tick = (): number => clock.tick();
  const begin = replaying(sets, tick);
  let opening: Promise<Session> | undefined;
  let isClosed = false;
  // A session answers one question at a time.
  let last: Promise<unknown> = Promise.resolve();
  return {
    ahead: 1,
    replay(task) {
      const page = last.then(async () => {
        if (isClosed) throw ended();
        opening ??= db.connect();
        return replayPage({ session: await opening, wrap, filter, tick }, begin, task);
      });
      last = page.catch(() => undefined);
      return page;
    },
    async close() {
      isClosed = true;
      await opening?.then(
        (session) => session.end(),
        () => undefined,
      );
    },
  };
}
