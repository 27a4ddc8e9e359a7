import { afterAll, beforeAll, expect, it } from "vitest";
import { cy } from "../../../../test/faults/workspace.ts";
import { call, openWorld, type World } from "../../../../test/faults/world.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../../../../test/support/database.ts";
import type { Answer } from "../execution/connector.ts";
import { settleByPerson } from "./reconcile.ts";

let base: TestDatabase;
let world: World;
beforeAll(async () => {
  base = await openTestDatabase();
  world = await openWorld({
    databaseUrl: base.url,
    databaseAdminUrl: urlOf(base.ownerAt),
    guardrails: "{ use: done-before, tools: [deeds.put], done: deeds.look, within: 1h, since: deeds.put }",
  });
});
afterAll(async () => {
  await world?.close();
  await base?.close();
});

let value = 0;
const look = async (marker: string) => {
  expect((await world.base.hall.submit(world.caller, call("look", { marker }))).view.state).toBe("done");
};
const put = async (marker: string, hall = world.base.hall) => {
  // Each is a call of its own: one that is alike would be answered with the first.
  const { view } = await hall.submit(world.caller, call("put", { marker, value: `${value++}` }));
  return view;
};
const states = async (...marker: readonly string[]) => {
  const found: string[] = [];
  for (const one of marker) found.push((await put(one)).state);
  return found;
};
/** A replica whose next calls end as told. */
async function answering(answer: Answer) {
  return world.replica({ connector: { call: () => Promise.resolve(answer) } });
}

it("what was looked at once is changed once, and again after another look; another target is none of it", async () => {
  expect(await states("a")).toEqual(["refused"]);
  await look("a");
  await look("b");
  expect(await states("a", "a", "b", "a")).toEqual(["done", "refused", "done", "refused"]);
  await look("a");
  expect(await states("a", "a")).toEqual(["done", "refused"]);
});

it("of two at once on two replicas after one look, one goes through", async () => {
  const other = await world.replica();
  for (const marker of ["race-1", "race-2", "race-3"]) {
    await look(marker);
    const halls = [world.base.hall, other.hall, world.base.hall, other.hall];
    const views = await Promise.all(halls.map((hall) => put(marker, hall)));
    expect(views.map(({ state }) => state).sort()).toEqual(["done", "refused", "refused", "refused"]);
  }
});

it("a call that the tool answered with an error, or whose end nobody knows, asks for another look; what certainly did not happen does not", async () => {
  const { hall: failing } = await answering({ kind: "never_sent", reason: "gone" });
  await look("c");
  expect((await put("c", failing)).state).toBe("failed");
  expect(await states("c")).toEqual(["done"]);

  const wrong = { content: [{ type: "text", text: "half of it" }], isError: true };
  const { hall: erring } = await answering({ kind: "answered", result: wrong });
  await look("d");
  expect((await put("d", erring)).state).toBe("done");
  expect(await states("d")).toEqual(["refused"]);

  const { hall: losing, parts } = await answering({ kind: "lost", reason: "cut" });
  await look("e");
  const { id, state } = await put("e", losing);
  expect([state, await states("e")]).toEqual(["unknown", ["refused"]]);
  await settleByPerson(parts, cy, id, false, "it is not there");
  expect(await states("e")).toEqual(["done"]);
});

it("the database holds no target of it in clear", async () => {
  const { rows } = await base.owner.query<{ key: string }>("select distinct window_key as key from window_use");
  const ends = rows.filter(({ key }) => key.startsWith("since deeds-upkeep/guardrail/done-before|"));
  expect(ends.length).toBeGreaterThan(0);
  for (const { key } of ends) expect(key).toMatch(/\|[0-9a-f]{64}$/);
});
