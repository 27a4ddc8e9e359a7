import { afterAll, beforeAll, expect, it } from "vitest";
import { openTestServer, type TestServer } from "../support/server.ts";

let test: TestServer;
beforeAll(async () => {
  test = await openTestServer();
});
afterAll(() => test.close());

it("every row that was confirmed before a kill -9 of postgres is there after it, and the pool goes on", async () => {
  await test.owner.query("create table row (id int primary key); grant select, insert on row to countersign_app");
  const confirmed: number[] = [];
  let isOver = false;
  let id = 0;
  const writers = Array.from({ length: 8 }, async () => {
    while (!isOver) {
      const mine = ++id;
      try {
        await test.db.query({ name: "row", text: "insert into row values ($1)", values: [mine] });
        confirmed.push(mine);
      } catch (error) {
        expect(error).toMatchObject({ code: "unavailable" });
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  });
  for (let round = 0; round < 3; round++) {
    await new Promise((resolve) => setTimeout(resolve, 300));
    await test.crash();
  }
  const last = confirmed.length;
  await expect.poll(() => confirmed.length, { timeout: 20_000 }).toBeGreaterThan(last);
  isOver = true;
  await Promise.all(writers);
  const there = new Set((await test.db.query<{ id: number }>("select id from row")).rows.map((row) => row.id));
  expect(confirmed.filter((one) => !there.has(one))).toEqual([]);
});
