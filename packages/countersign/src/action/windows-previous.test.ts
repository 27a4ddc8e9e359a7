import { afterAll, beforeAll, expect, it } from "vitest";
import { ana, bo, cy } from "../../../../test/faults/workspace.ts";
import { call, openWorld, until, type World } from "../../../../test/faults/world.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../../../../test/support/database.ts";
import type { Answer } from "../execution/connector.ts";
import { openRun, proposeErasure, signErasure } from "../governance/index.ts";
import { settleByPerson } from "./reconcile.ts";

let base: TestDatabase;
let world: World;
beforeAll(async () => {
  base = await openTestDatabase();
  world = await openWorld({
    databaseUrl: base.url,
    databaseAdminUrl: urlOf(base.ownerAt),
    guardrails: `{ use: right-after, name: looked, tools: [deeds.put], done: [deeds.look], may: only, within: 1h },
      { use: right-after, name: twice, tools: [deeds.remove], done: [deeds.remove], may: never, within: 1h },
      { use: right-after, name: kept, tools: [deeds.remove], done: [deeds.put], may: never, per: target, within: 1h },
      { use: right-after, name: quiet, tools: [deeds.ask_put], done: [deeds.look], may: never, within: 1h, production: true }`,
  });
});
afterAll(async () => {
  await world?.close();
  await base?.close();
});

let value = 0;
/** A run whose calls are each of their own: one that is alike would be answered with the first. */
async function inRun() {
  const { id: run } = await openRun(world.base.control, bo, { agent: world.caller.agent, task: "tidy up" });
  const submit = async (tool: string, hall = world.base.hall, marker = `m-${value}`) => {
    const args = { marker, ...(tool === "look" ? {} : { value: `${value++}` }) };
    return (await hall.submit(world.caller, call(tool, args, { run, idempotencyKey: `k-${value++}` }))).view;
  };
  return {
    run,
    submit,
    /** How each of these calls ends, one after the other. */
    states: async (...tools: readonly string[]) => {
      const found: string[] = [];
      for (const tool of tools) found.push((await submit(tool)).state);
      return found;
    },
  };
}
/** A replica whose next calls end as told. */
async function answering(answer: Answer | Promise<Answer>) {
  return world.replica({ connector: { call: async () => answer } });
}
const text = (words: string) => ({ content: [{ type: "text", text: words }] });

it("goes through right after what has to be done first, and not after any other call of its run, a read included", async () => {
  const { states } = await inRun();
  expect(await states("put", "look", "put", "put")).toEqual(["refused", "done", "done", "refused"]);
  expect(await states("look", "look", "put")).toEqual(["done", "done", "done"]);
  expect(await states("look", "remove", "put")).toEqual(["done", "done", "refused"]);
  expect(await states("remove", "look", "remove", "remove")).toEqual(["refused", "done", "done", "refused"]);
});

it("each run has an order of its own, and each target its", async () => {
  const [one, other] = [await inRun(), await inRun()];
  expect(await one.states("look")).toEqual(["done"]);
  expect(await other.states("put", "remove")).toEqual(["refused", "done"]);
  expect(await one.states("put")).toEqual(["done"]);

  const { hall } = world.base;
  const state = async (run: typeof one, tool: string, marker: string) => (await run.submit(tool, hall, marker)).state;
  expect([await state(one, "look", "t"), await state(one, "put", "t")]).toEqual(["done", "done"]);
  expect([await state(one, "remove", "t"), await state(one, "remove", "u")]).toEqual(["refused", "done"]);
  expect([await state(other, "look", "t"), await state(other, "remove", "t")]).toEqual(["done", "done"]);
});

it("of two at once on two replicas after one call, one goes through", async () => {
  const other = await world.replica();
  const halls = [world.base.hall, other.hall, world.base.hall, other.hall];
  for (const tool of ["put", "remove", "put", "remove"]) {
    const { submit, states } = await inRun();
    expect(await states("look")).toEqual(["done"]);
    const views = await Promise.all(halls.map((hall) => submit(tool, hall)));
    expect(views.map(({ state }) => state).sort(), tool).toEqual(["done", "refused", "refused", "refused"]);
  }
});

it.each([
  ["look", "quiet", "is in it"],
  ["put", "looked", "asks for it"],
  ["remove", "looked", "ends it"],
])("%s waits while another call is decided by `%s`, since it %s", async (tool, guardrail) => {
  const { run, submit, states } = await inRun();
  expect(await states("look")).toEqual(["done"]);
  const { sent } = await base.owner.transaction(async (tx) => {
    const key = `since deeds-upkeep/guardrail/${guardrail}|${run}`;
    await tx.query("select pg_advisory_xact_lock(hashtextextended($1, 24))", [key]);
    const sent = submit(tool).then(({ state }) => state);
    const waiting = `select from pg_locks where locktype = 'advisory' and not granted
      and database = (select oid from pg_database where datname = current_database())`;
    const isWaiting = async () => (await base.owner.query(waiting)).rows.length > 0;
    const waits = until(`the ${tool} to wait`, isWaiting).then(() => "waits");
    expect(await Promise.race([sent, waits])).toBe("waits");
    return { sent };
  });
  expect(await sent).toBe("done");
});

it("a call between that was refused, waits for people or certainly did not happen does not count", async () => {
  const { submit, states } = await inRun();
  const { hall: failing } = await answering({ kind: "never_sent", reason: "gone" });
  expect(await states("remove", "look")).toEqual(["done", "done"]);
  expect((await submit("remove", failing)).state).toBe("failed");
  expect((await submit("put", failing)).state).toBe("failed");
  expect(await states("ask_put", "put")).toEqual(["held", "done"]);
  // What was refused in between leaves the newest call what it was.
  expect(await states("remove", "remove", "remove", "look", "remove")).toEqual([
    ...["done", "refused", "refused", "done", "done"],
  ]);
});

it("one that the tool answered with an error counts, and so does one whose end nobody knows, until it is known", async () => {
  const { submit, states } = await inRun();
  const { hall: erring } = await answering({ kind: "answered", result: { ...text("half of it"), isError: true } });
  expect(await states("look")).toEqual(["done"]);
  expect((await submit("remove", erring)).state).toBe("done");
  expect(await states("put", "remove")).toEqual(["refused", "refused"]);

  const { hall: losing, parts } = await answering({ kind: "lost", reason: "cut" });
  for (const happened of [false, true]) {
    expect(await states("look")).toEqual(["done"]);
    const { id, state } = await submit("put", losing);
    expect([state, await states("put")]).toEqual(["unknown", ["refused"]]);
    await settleByPerson(parts, cy, id, happened, "looked at it");
    expect(await states("put")).toEqual([happened ? "refused" : "done"]);
  }
});

it("what was done first and then not again is not what was done last", async () => {
  const { submit, states } = await inRun();
  const { hall: erring } = await answering({ kind: "answered", result: { ...text("no"), isError: true } });
  expect(await states("look")).toEqual(["done"]);
  expect((await submit("look", erring)).state).toBe("done");
  expect(await states("put", "look", "put")).toEqual(["refused", "done", "done"]);

  // One that is still on its way is not done either.
  let tell: (answer: Answer) => void = () => undefined;
  let sent: () => void = () => undefined;
  const isSent = new Promise<void>((resolve) => {
    sent = resolve;
  });
  const late = await world.replica({
    connector: {
      call: () =>
        new Promise((resolve) => {
          tell = resolve;
          sent();
        }),
    },
  });
  expect(await states("look")).toEqual(["done"]);
  const looking = submit("look", late.hall);
  await isSent;
  expect(await states("put")).toEqual(["refused"]);
  tell({ kind: "answered", result: text("it is there") });
  expect((await looking).state).toBe("done");
  expect(await states("put")).toEqual(["done"]);
});

it("a call that was erased is still the newest, under nobody's name", async () => {
  const { submit, states } = await inRun();
  const { id, state } = await submit("look");
  expect(state).toBe("done");
  const erasure = await proposeErasure(world.base.control, ana, { subjects: [id], reason: "they asked us to" });
  await signErasure(world.base.control, bo, erasure.id);
  const { rows } = await base.owner.query("select 1 from window_use where action = $1", [id]);
  expect(rows).toEqual([]);
  expect(await states("put", "put")).toEqual(["done", "refused"]);
});
