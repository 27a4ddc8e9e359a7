import { Problem } from "../floor/problem.ts";
import type { Page } from "../ledger/replay-sql.ts";
import type { ToldFacts } from "../policy/trial/windows-of.ts";
import type { PageTask } from "./replay-page.ts";
import type { Replayer } from "./replay-threads.ts";
import {
  addReplayed,
  mostChanges,
  mostDiffering,
  nothingReplayed,
  type ReplayBounds,
  type Replayed,
} from "./replayed.ts";

/**
 * Replays pages up to so many decisions, and gives after each page what was found up to it: the same, whoever replays
 * them and in which order they come. No more are open than the replayer wants, also while nobody takes what was found.
 */
export async function* replayPages(
  { replay, ahead }: Pick<Replayer, "replay" | "ahead">,
  pages: readonly Page[],
  limit: number,
  told: (page: Page) => ToldFacts | undefined = () => undefined,
): AsyncGenerator<Replayed> {
  const sum = nothingReplayed();
  const open: { readonly task: PageTask; readonly answer: Promise<Replayed> }[] = [];
  let next = 0;
  const wanted = (): ReplayBounds => ({
    decisions: limit - sum.replayed,
    changes: mostChanges - sum.changes.length,
    differing: mostDiffering - sum.differing.length,
  });
  const taskOf = (page: Page, bounds: ReplayBounds): PageTask => {
    const facts = told(page);
    return { page, bounds, ...(facts === undefined ? {} : { told: facts }) };
  };
  for (const page of pages) {
    if (sum.replayed >= limit) return;
    for (; open.length < ahead && next < pages.length; next++) {
      const task = taskOf(pages[next] as Page, wanted());
      const answer = replay(task);
      // Whoever stops early never asks for it.
      answer.catch(() => undefined);
      open.push({ task, answer });
    }
    const { task, answer } = open.shift() as (typeof open)[number];
    const bounds = wanted();
    let found = await answer;
    const isCut = found.replayed >= bounds.decisions;
    // When it was begun nobody knew how many decisions the pages before it hold.
    if (isCut && task.bounds.decisions !== bounds.decisions) found = await replay({ ...task, bounds });
    if (!isCut && found.actions < page.actions)
      throw new Problem(
        "bug",
        `of ${page.actions} actions of a page ${found.actions} were replayed, so there is no report`,
        {
          help: "the ledger loses nothing: the server has a fault, which its maintainers should hear of",
        },
      );
    addReplayed(sum, found);
    yield sum;
  }
}
