import { afterAll, beforeAll, expect, it } from "vitest";
import { call, openWorld, type Replica, until, type World } from "../../../../test/faults/world.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../../../../test/support/database.ts";
import type { Point } from "./parts.ts";

let base: TestDatabase;
let world: World;
let other: Replica;
const burst = 40;
const within = 12;
let hold: (point: Point) => void | Promise<void> = () => undefined;
beforeAll(async () => {
  base = await openTestDatabase();
  const at = (point: Point) => hold(point);
  const urls = { databaseUrl: base.url, databaseAdminUrl: urlOf(base.ownerAt) };
  world = await openWorld({ ...urls, at, calls: { perDay: within } });
  other = await world.replica({ at });
});
afterAll(async () => {
  await world?.close();
  await base?.close();
});

it("MT-19 a burst over the limit is refused at once, over two replicas, and nothing of it is sent", async () => {
  await clearOfMidnight();
  // What is within the limit is kept from going out until all that is over it has been answered.
  const [opened, open] = gate();
  const [tooMany, overrun] = gate();
  const [refusedAll, lastRefused] = gate();
  let waiting = 0;
  let refused = 0;
  hold = async (point) => {
    if (point !== "after_intent") return;
    if (++waiting > within) overrun();
    await opened;
  };
  const answers = Promise.all(
    Array.from({ length: burst }, async (_, at) => {
      const { hall } = at % 2 === 0 ? world.base : other;
      const { view } = await hall.submit(world.caller, call("put", { marker: `burst-${at}` }));
      if (view.state === "refused" && ++refused === burst - within) lastRefused();
      return view;
    }),
  );
  await Promise.race([refusedAll, tooMany]);
  expect({ refused, waiting, sent: world.recorder.effects().length }).toEqual({
    refused: burst - within,
    waiting: within,
    sent: 0,
  });
  open();
  const states = (await answers).map((view) => `${view.state} ${view.refusal ?? ""}`.trim());
  expect(states.filter((state) => state === "done")).toHaveLength(within);
  expect(states.filter((state) => state === "refused budget")).toHaveLength(burst - within);
  expect(world.recorder.effects()).toHaveLength(within);
  hold = () => undefined;
}, 240_000);

/** The limit is one of a UTC day: a burst in which one ends may be twice as large. */
async function clearOfMidnight(): Promise<void> {
  const dayMs = 86_400_000;
  const left = dayMs - (Date.now() % dayMs);
  if (left < 90_000) await new Promise((resolve) => setTimeout(resolve, left + 1_000));
}

function gate(): [Promise<void>, () => void] {
  const { promise, resolve } = Promise.withResolvers<void>();
  return [promise, resolve];
}

it("nothing is executed while the database cannot be reached, and calls go through again within ten seconds", async () => {
  await world.apply({ calls: { perDay: 1000 } });
  let isAway = false;
  const { Problem } = await import("../floor/problem.ts");
  const { db } = world.base;
  const { keepPlane } = await import("../governance/index.ts");
  const { silent } = await import("../floor/log.ts");
  const away = {
    ...db,
    query: (...asked: Parameters<typeof db.query>) =>
      isAway ? Promise.reject(new Problem("unavailable", "the database cannot be reached")) : db.query(...asked),
  } as typeof db;
  const keeper = await keepPlane({ ...world.base.sources, db: away }, silent);
  const replica = await world.replica();
  const { openHall } = await import("./open-hall.ts");
  const hall = openHall({ ...replica.parts, plane: keeper });
  const effects = () => world.recorder.effects().length;
  expect((await hall.submit(world.caller, call("put", { marker: "away-1" }))).view.state).toBe("done");
  isAway = true;
  await until("the end of the plane's lease", () =>
    hall.submit(world.caller, call("look", { marker: "away" })).then(
      () => false,
      (thrown: { code?: string }) => thrown.code === "unavailable",
    ),
  );
  const before = effects();
  for (let at = 0; at < 5; at++) {
    const asked = hall.submit(world.caller, call("put", { marker: `away-2-${at}` }));
    await expect(asked).rejects.toMatchObject({ code: "unavailable" });
  }
  expect(effects()).toBe(before);
  isAway = false;
  await until(
    "a call that goes through",
    () =>
      hall.submit(world.caller, call("put", { marker: "away-3" })).then(
        ({ view }) => view.state === "done",
        () => false,
      ),
    10_000,
  );
  await hall.drain(10);
  await keeper.close();
});
