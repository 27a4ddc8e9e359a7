import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestDatabase, type TestDatabase } from "../../../../test/support/database.ts";
import { openDb } from "../db/pool.ts";
import { silent } from "../floor/log.ts";
import { windowsOf } from "./budget.ts";
import { type Budget, createBudget } from "./take.ts";

let base: TestDatabase;
beforeAll(async () => {
  base = await openTestDatabase();
});
afterAll(() => base?.close());

const noon = Date.UTC(2026, 10, 22, 12, 0, 30) + 0.25;

async function had(budgets: readonly Budget[], times: number, take: (budget: Budget) => ReturnType<Budget["take"]>) {
  const answers = await Promise.all(
    Array.from({ length: times }, (_, at) => take(budgets[at % budgets.length] as Budget)),
  );
  return answers.filter((full) => full === undefined).length;
}

describe("MT-19 a budget over several replicas", () => {
  it.each([
    ["a minute", { perMinute: 7 }, 7],
    ["a minute, by blocks", { perMinute: 130 }, 130],
    ["a day", { perDay: 60 }, 60],
    ["a run", { perRun: 9 }, 9],
    ["the least of several", { perMinute: 40, perRun: 11, perDay: 90 }, 11],
  ])("is never exceeded: %s", async (name, limits, limit) => {
    const other = openDb(base.app, { log: silent, max: 5 });
    const budgets = [createBudget(base.db), createBudget(other), createBudget(other)];
    const workflow = `w ${name}`;
    const count = await had(budgets, 300, (budget) => budget.take(workflow, `run ${name}`, limits, noon));
    expect(count).toBeLessThanOrEqual(limit);
    // A replica may keep a part of its last block; three of them at most two blocks less one each.
    expect(count).toBeGreaterThanOrEqual(limit - 3 * Math.max(0, Math.floor(limit / 50) - 1));
    await other.close();
  });

  it("is not used up by replicas that die with a block, however many there are", async () => {
    const limits = { perMinute: 10_000 };
    for (let died = 0; died < 200; died++)
      expect(await createBudget(base.db).take("w dying", "run", limits, noon), `after ${died}`).toBeUndefined();
  });

  it("starts anew with the next minute and never with the next call of a run", async () => {
    const budget = createBudget(base.db);
    const limits = { perMinute: 2, perRun: 3 };
    const take = (nowMs: number) => budget.take("w next", "run next", limits, nowMs);
    expect([await take(noon), await take(noon)]).toEqual([undefined, undefined]);
    expect(await take(noon)).toMatchObject({ name: "a minute", limit: 2 });
    expect(await take(noon + 60_000)).toBeUndefined();
    expect(await take(noon + 120_000)).toMatchObject({ name: "a run", limit: 3 });
  });

  it("follows a limit that was raised or lowered meanwhile", async () => {
    const budget = createBudget(base.db);
    const take = (perRun: number) => budget.take("w moved", "run moved", { perRun }, noon);
    expect(await take(1)).toBeUndefined();
    expect(await take(1)).toMatchObject({ limit: 1 });
    expect(await take(3)).toBeUndefined();
    expect(await take(2)).toMatchObject({ limit: 2 });
    expect(await take(3)).toBeUndefined();
    expect(await take(3)).toMatchObject({ limit: 3 });
  });

  it("is not used up by calls that another window refuses", async () => {
    const budget = createBudget(base.db);
    const limits = { perMinute: 20, perRun: 3, perDay: 30 };
    const loop = await Promise.all(Array.from({ length: 50 }, () => budget.take("w loop", "run loop", limits, noon)));
    expect(loop.filter((full) => full === undefined)).toHaveLength(3);
    for (let at = 0; at < 17; at++)
      expect(await budget.take("w loop", `run ${at}`, limits, noon), `call ${at}`).toBeUndefined();
    expect(await budget.take("w loop", "run last", limits, noon)).toMatchObject({ name: "a minute" });
    for (let at = 0; at < 10; at++)
      expect(await budget.take("w loop", `run next ${at}`, limits, noon + 60_000), `call ${at}`).toBeUndefined();
    expect(await budget.take("w loop", "run over", limits, noon + 60_000)).toMatchObject({ name: "a day" });
  });

  it("says no while the database cannot be asked, and goes on when it can", async () => {
    const gone = openDb({ ...base.app, database: "there_is_none" }, { log: silent });
    const budget = createBudget(gone);
    await expect(budget.take("w gone", "run gone", { perDay: 5 }, noon)).rejects.toMatchObject({ code: "unavailable" });
    await gone.close();
  });
});

it("windows begin on whole minutes and UTC days, also of a time with a fraction", () => {
  const windows = windowsOf("w", "r", { perMinute: 1, perDay: 1, perRun: 1 }, noon);
  expect(windows.map((window) => new Date(window.startsMs).toISOString())).toEqual([
    "2026-11-22T12:00:00.000Z",
    "2026-11-22T00:00:00.000Z",
    "1970-01-01T00:00:00.000Z",
  ]);
  expect(windowsOf("w", "r", {}, noon)).toEqual([]);
});
