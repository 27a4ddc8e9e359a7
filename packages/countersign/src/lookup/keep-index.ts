import { createPace } from "../floor/pace.ts";
import { type Indexing, indexEntries } from "./index-entries.ts";
import { lagAfter, openHeads } from "./sql.ts";

export interface IndexKeeper {
  /** Indexes all that is there now; how many entries. */
  catchUp(): Promise<number>;
  stop(): Promise<void>;
}

/** Entries that are passed in one transaction. */
const slice = 100;
/** Looks are so far apart that about this many entries come between them: no look finds work for long. */
const wanted = 80;
const [soonestMs, latestMs] = [20, 500];

/** Keeps the index filled after the fact, on whichever replica gets to it; nothing that an agent waits for waits for it. */
export function keepIndex(indexing: Indexing): IndexKeeper {
  let isOver = false;
  let working: Promise<number> | undefined;
  const catchUp = async (): Promise<number> => {
    if (!(await hasNews(indexing))) return 0;
    // Half of a slice is waiting. What takes less than others leave would never end where as much comes meanwhile.
    const pace = createPace(1);
    let count = 0;
    while (!isOver) {
      const passed = (await indexEntries(indexing, slice)) ?? 0;
      count += passed;
      if (passed < slice) break;
      await pace.rest();
    }
    return count;
  };
  const alone = (): Promise<number> => {
    working ??= catchUp().finally(() => {
      working = undefined;
    });
    return working;
  };
  let waitMs = latestMs;
  let timer: NodeJS.Timeout;
  const look = async (): Promise<void> => {
    const count = await alone().catch((cause: unknown) => {
      indexing.log.warn({ cause: String(cause) }, "the index could not be filled; it is tried again");
      return 0;
    });
    waitMs = Math.min(latestMs, Math.max(soonestMs, (waitMs * wanted) / Math.max(count, 1)));
    if (!isOver) wait();
  };
  const wait = (): void => {
    timer = setTimeout(() => void look(), waitMs).unref();
  };
  wait();
  return {
    async catchUp() {
      // What is under way may have looked before the last of it was written.
      await working?.catch(() => undefined);
      return alone();
    },
    async stop() {
      isOver = true;
      clearTimeout(timer);
      await working?.catch(() => undefined);
    },
  };
}

/** Asked without any lock: most of the time there is nothing to do. */
async function hasNews({ db }: Indexing): Promise<boolean> {
  const heads = await openHeads(db);
  if (heads.some((head) => head.fenced)) return true;
  return (await lagAfter(db, heads)).some(({ count }) => count > 0);
}
