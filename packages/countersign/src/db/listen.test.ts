import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { openTestDatabase, type TestDatabase } from "../../../../test/support/database.ts";
import { watch } from "./listen.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await openTestDatabase();
});
afterAll(() => test.close());

const soon = { timeout: 20_000, interval: 10 };

async function listeners(): Promise<number> {
  // pg_stat_activity shows the last statement of each session.
  const { rowCount } = await test.owner.query(
    `select 1 from pg_stat_activity where datname = current_database() and query like 'listen %'`,
  );
  return rowCount;
}

it("hears a notification long before the next poll, also after its connection was lost", async () => {
  let looks = 0;
  const watching = watch(test.db, "news", {
    everyMs: 600_000,
    reconnectMs: 50,
    onChange: () => {
      looks += 1;
    },
  });
  await vi.waitFor(() => expect(looks).toBe(2), soon);
  await test.owner.query("notify news");
  await vi.waitFor(() => expect(looks).toBe(3), soon);
  await test.breakConnections();
  await vi.waitFor(() => expect(looks).toBe(4), soon);
  await test.owner.query("notify news");
  await vi.waitFor(() => expect(looks).toBe(5), soon);
  await watching.stop();
});

it("tells what was said on another channel, and looks for nothing then", async () => {
  let looks = 0;
  const said: string[] = [];
  const watching = watch(test.db, "news", {
    everyMs: 600_000,
    reconnectMs: 50,
    onChange: () => {
      looks += 1;
    },
    also: { "more news": (payload) => said.push(payload) },
  });
  await vi.waitFor(() => expect(looks).toBe(2), soon);
  await test.owner.query("select pg_notify('more news', 'a')");
  await vi.waitFor(() => expect(said).toEqual(["a"]), soon);
  await test.breakConnections();
  await vi.waitFor(() => expect(looks).toBe(3), soon);
  await test.owner.query("select pg_notify('more news', 'b')");
  await vi.waitFor(() => expect(said).toEqual(["a", "b"]), soon);
  expect(looks).toBe(3);
  await watching.stop();
});

it("polls where nothing is ever notified and no listener can connect", async () => {
  let looks = 0;
  const deaf = { connect: () => Promise.reject(new Error("no LISTEN here")) };
  const watching = watch(deaf, "news", {
    everyMs: 20,
    onChange: () => {
      looks += 1;
    },
  });
  await vi.waitFor(() => expect(looks).toBeGreaterThan(3), soon);
  await watching.stop();
  const before = looks;
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(looks).toBe(before);
});

it("never looks twice at once, and looks again after news that came meanwhile", async () => {
  let [looks, inside, most] = [0, 0, 0];
  const watching = watch(test.db, "busy", {
    everyMs: 600_000,
    onChange: async () => {
      looks += 1;
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 30));
      inside -= 1;
      if (looks === 1) throw new Error("a failed look is not the end");
    },
  });
  for (let n = 0; n < 20; n++) watching.poke();
  await vi.waitFor(() => expect(looks).toBeGreaterThanOrEqual(2), soon);
  await watching.stop();
  expect(most).toBe(1);
  expect(looks).toBeLessThan(5);
  await vi.waitFor(async () => expect(await listeners()).toBe(0), soon);
});
