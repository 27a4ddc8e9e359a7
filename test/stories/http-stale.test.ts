import { afterAll, beforeAll, expect, it } from "vitest";
import { systemClock } from "../../packages/countersign/src/floor/clock.ts";
import { openTestPlane, type TestPlane } from "../support/plane.ts";

let plane: TestPlane;
beforeAll(async () => {
  plane = await openTestPlane();
});
afterAll(() => plane?.close());

it("a replica that cannot read what is in force says so by the table, and goes on once it can", async () => {
  const key = await plane.agent("scribe");
  const ask = () =>
    fetch(`${plane.url}/v1/actions`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ server: "files", tool: "list_allowed_directories", arguments: {} }),
    });
  let isOver = false;
  // Somebody holds the table: what was read last is older than a replica may act on.
  const held = plane.database.owner.transaction(async (tx) => {
    await tx.query("lock table plane in access exclusive mode");
    while (!isOver) await new Promise((resolve) => setTimeout(resolve, 20));
  });
  let answer = await ask();
  while (answer.status === 200) answer = await ask();
  expect(answer.status).toBe(503);
  expect(answer.headers.get("content-type")).toContain("application/problem+json");
  expect(answer.headers.get("retry-after")).toBe("1");
  expect(await answer.json()).toMatchObject({ code: "unavailable", status: 503 });
  isOver = true;
  await held;
  while (answer.status !== 200) answer = await ask();
});

it("a replica that was paused reads what is in force again before it answers, and sends nobody away for it", async () => {
  let pausedMs = 0;
  const paused = await openTestPlane({
    clock: { now: () => systemClock.now() + pausedMs, tick: () => systemClock.tick() + pausedMs },
  });
  const key = await paused.agent("scribe");
  for (let times = 0; times < 5; times++) {
    // Longer than a replica may act on what it read last, and right before it is asked.
    pausedMs += 4_000;
    const asked = await Promise.all([1, 2, 3].map(() => paused.call("GET", "/v1/me", { key })));
    expect(asked.map(({ status }) => status)).toEqual([200, 200, 200]);
  }
  await paused.close();
});
