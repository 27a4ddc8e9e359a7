import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { call, openWorld, until, type World } from "../../../../test/faults/world.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../../../../test/support/database.ts";
import { type OpenValues, putOpen } from "./open-sql.ts";

const hourMs = 3_600_000;
const atMs = Date.now() + 72 * hourMs;
const moment = new Date(atMs).toISOString();

let base: TestDatabase;
let world: World;
beforeAll(async () => {
  base = await openTestDatabase();
  world = await openWorld({
    databaseUrl: base.url,
    databaseAdminUrl: urlOf(base.ownerAt),
    policies: `@id("not-before") @cure("wait") @until("${moment}") forbid (principal, action in [Action::"deeds.put", Action::"deeds.ask_put"], resource)
      unless { context.facts.cured.contains("not-before") };`,
  });
});
afterAll(async () => {
  vi.restoreAllMocks();
  await world?.close();
  await base?.close();
});

const effectsOf = (marker: string) => world.recorder.effects().filter((effect) => effect.marker === marker);
const viewOf = (id: string) => world.base.hall.get(world.caller, id);

async function expiryOf(id: string): Promise<number> {
  const { rows } = await base.owner.query("select expires_at from open_action where id = $1", [id]);
  return Date.parse(String(rows[0]?.expires_at));
}

async function needsOf(id: string): Promise<readonly string[]> {
  const { rows } = await base.owner.query<{ requirements: readonly { kind: string }[] }>(
    "select requirements from open_action where id = $1",
    [id],
  );
  return rows[0]?.requirements.map(({ kind }) => kind) ?? [];
}

/** From now on it is that moment for whoever decides, and the hall looks at what waits for it. */
async function goTo(ms: number, ...ids: readonly string[]): Promise<void> {
  const { ledger } = world.base.control.parts;
  vi.restoreAllMocks();
  const now = ledger.now.bind(ledger);
  const aheadMs = ms - now();
  vi.spyOn(ledger, "now").mockImplementation(() => now() + aheadMs);
  await base.owner.query("update open_action set look_at = clock_timestamp() where id = any($1)", [ids]);
}

it("what waits for a moment days from now is held until then and runs then, and people who are asked beside have their time after it", async () => {
  const { hall } = world.base;
  const alone = (await hall.submit(world.caller, call("put", { marker: "wait-1" }), { waitMs: 0 })).view;
  const asked = (await hall.submit(world.caller, call("ask_put", { marker: "wait-2" }), { waitMs: 0 })).view;
  expect([alone, asked]).toMatchObject([{ state: "held" }, { state: "held" }]);
  expect(Math.abs((await expiryOf(alone.id)) - (atMs + 24 * hourMs))).toBeLessThan(60_000);
  // `ask_put` is asked for during 4h, which begin when the wait is over at the latest.
  expect(Math.abs((await expiryOf(asked.id)) - (atMs + 4 * hourMs))).toBeLessThan(60_000);

  await goTo(atMs - hourMs, alone.id, asked.id);
  await hall.sweep();
  expect([await viewOf(alone.id), await viewOf(asked.id)]).toMatchObject([{ state: "held" }, { state: "held" }]);
  expect(effectsOf("wait-1")).toEqual([]);

  await goTo(atMs + 60_000, alone.id, asked.id);
  await until("the end of what only waited", async () => (await viewOf(alone.id)).state === "done");
  expect(effectsOf("wait-1")).toHaveLength(1);
  // It did not lapse during the wait, and only people are missing now.
  await until("the end of the other's wait", async () => (await needsOf(asked.id)).join() === "approval");
  await hall.sweep();
  expect(await viewOf(asked.id)).toMatchObject({ state: "held" });
  expect(Math.abs((await expiryOf(asked.id)) - (atMs + 4 * hourMs))).toBeLessThan(60_000);
  await hall.cancel(world.caller, asked.id, "not needed");
});

it("a question that is asked anew has no more time, unless a wait came to it", async () => {
  const made: OpenValues = {
    ...{ id: "act_anew", state: "held" as const, step: 1, agent: "a", workflow: "w", run: "r", server: "s", tool: "t" },
    ...{ system: "s", verb: "execute", target: "x", environment: "e", callDigest: "d", requirements: [], sentence: "" },
  };
  const hoursAfter = async (openHours: number, lookInHours?: number) => {
    const look = lookInHours === undefined ? {} : { lookInMs: lookInHours * hourMs };
    await putOpen(base.db, { ...made, openMs: openHours * hourMs, ...look });
    return Math.round(((await expiryOf(made.id)) - Date.now()) / hourMs);
  };
  expect([await hoursAfter(4), await hoursAfter(9), await hoursAfter(76, 72), await hoursAfter(4)]).toEqual([
    4, 4, 76, 76,
  ]);
  await base.owner.query("delete from open_action where id = $1", [made.id]);
});
