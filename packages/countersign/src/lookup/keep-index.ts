import { createPace } from "../floor/pace.ts";
import { type Indexing, indexEntries } from "./index-entries.ts";
import { lagAfter, openHeads } from "./sql.ts";

export interface IndexKeeper {
  /** Indexes all that is there now; how many entries. */
  catchUp(): Promise<number>;
  stop(): Promise<void>;
}

const everyMs = 500;
const slice = 100;

/** Keeps the index filled after the fact, on whichever replica gets to it; nothing that an agent waits for waits for it. */
export function keepIndex(indexing: Indexing): IndexKeeper {
  const pace = createPace();
  let isOver = false;
  let working: Promise<number> | undefined;
  const catchUp = async (): Promise<number> => {
    let count = 0;
    while (!isOver && (await hasNews(indexing))) {
      const passed = await indexEntries(indexing, slice);
      if (passed === null) break;
      count += passed;
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
  const timer = setInterval(
    () =>
      void alone().catch((cause: unknown) =>
        indexing.log.warn({ cause: String(cause) }, "the index could not be filled; it is tried again"),
      ),
    everyMs,
  );
  timer.unref();
  return {
    catchUp: alone,
    async stop() {
      isOver = true;
      clearInterval(timer);
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
