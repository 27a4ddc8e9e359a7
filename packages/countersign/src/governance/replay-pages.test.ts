import { describe, expect, it } from "vitest";
import { Problem } from "../floor/problem.ts";
import type { PageTask } from "./replay-page.ts";
import { replayPages } from "./replay-pages.ts";
import { mostChanges, nothingReplayed, type Replayed } from "./replayed.ts";

const perPage = 4;
const pages = Array.from({ length: 12 }, (_, at) => ({ first: `act_${at}`, last: `act_${at}`, actions: perPage }));

/** Each action has one decision and changes, but for the last of a page, which was erased. */
function foundIn({ page, bounds }: PageTask): Replayed {
  const found = nothingReplayed();
  for (let n = 0; n < page.actions && found.replayed < bounds.decisions; n++) {
    found.actions++;
    if (n === page.actions - 1) {
      found.erased++;
      continue;
    }
    found.replayed++;
    found.counts.denied++;
    const action = `${page.first}.${n}`;
    const named = { workflow: "w", tool: `t${n}`, change: "denied" as const };
    found.by.set(`w\nt${n}\ndenied`, { ...named, count: (found.by.get(`w\nt${n}\ndenied`)?.count ?? 0) + 1 });
    if (found.changes.length < bounds.changes)
      found.changes.push({ ...named, action, step: 0, at: "", agent: "a", was: "allow", is: "deny", policies: [] });
    if (n === 1 && found.differing.length < bounds.differing) found.differing.push({ action, step: 0, members: ["x"] });
  }
  return found;
}

async function all(replay: (task: PageTask) => Promise<Replayed>, ahead: number, limit = 1_000) {
  const seen: number[] = [];
  let last = nothingReplayed();
  for await (last of replayPages({ replay, ahead }, pages, limit)) seen.push(last.actions);
  return { seen, found: { ...last, by: [...last.by] } };
}

const inOrder = async (task: PageTask): Promise<Replayed> => foundIn(task);
/** The later it was asked for, the sooner it comes. */
function reversed(): (task: PageTask) => Promise<Replayed> {
  let asked = 0;
  return async (task) => {
    const wait = 8 - (asked++ % 4) * 2;
    await new Promise((resolve) => setTimeout(resolve, wait));
    return foundIn(task);
  };
}

describe("pages that are replayed at once", () => {
  it.each([1, 2, 3, 4, 7, 30, 36, 1_000])(
    "say the same as one after the other, for at most %i decisions",
    async (limit) => {
      const alone = await all(inOrder, 1, limit);
      expect(await all(reversed(), 4, limit)).toEqual(alone);
      expect(alone.found.replayed).toBe(Math.min(limit, 36));
      expect(alone.found.changes.map(({ action }) => action)).toEqual(
        pages.flatMap(({ first }) => [0, 1, 2].map((n) => `${first}.${n}`)).slice(0, limit),
      );
    },
  );

  it("are no more than are wanted, also while nobody takes what was found", async () => {
    let open = 0;
    let asked = 0;
    const replay = async (task: PageTask): Promise<Replayed> => {
      expect(++open).toBeLessThanOrEqual(4);
      asked++;
      await new Promise((resolve) => setTimeout(resolve, 1));
      open--;
      return foundIn(task);
    };
    const steps = replayPages({ replay, ahead: 4 }, pages, 1_000);
    await steps.next();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(asked).toBe(4);
    await steps.return(undefined);
    expect(asked).toBe(4);
  });

  it("ask for no more changes than are missing", async () => {
    const asked: number[] = [];
    await all(async (task) => {
      asked.push(task.bounds.changes);
      return foundIn(task);
    }, 1);
    expect(asked.slice(0, 3)).toEqual([mostChanges, mostChanges - 3, mostChanges - 6]);
  });

  it("are noticed where one leaves actions out, or cannot be done", async () => {
    const skips = async (task: PageTask): Promise<Replayed> =>
      foundIn(task.page.first === "act_5" ? { ...task, page: { ...task.page, actions: 0 } } : task);
    await expect(all(skips, 4)).rejects.toMatchObject({ code: "bug", detail: expect.stringContaining("of 4 actions") });
    const fails = async (task: PageTask): Promise<Replayed> => {
      if (task.page.first === "act_6") throw new Problem("unavailable", "gone");
      return foundIn(task);
    };
    await expect(all(fails, 4)).rejects.toMatchObject({ code: "unavailable", detail: "gone" });
  });
});
