import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { lookAndAnswer } from "../../../../test/faults/client.ts";
import { ana, bo, cy } from "../../../../test/faults/workspace.ts";
import { call, openWorld, until, type World } from "../../../../test/faults/world.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../../../../test/support/database.ts";
import type { Answer, Connector } from "../execution/connector.ts";
import { lift, reverseAction, stop } from "../governance/index.ts";
import { readSubject } from "../ledger/read.ts";
import { freezeOne } from "./due-sql.ts";
import { settleUnknownAs } from "./reconcile.ts";
import { trackOf } from "./resume.ts";

let base: TestDatabase;
let world: World;
beforeAll(async () => {
  base = await openTestDatabase();
  world = await openWorld({ databaseUrl: base.url, databaseAdminUrl: urlOf(base.ownerAt) });
});
afterAll(async () => {
  await world?.close();
  await base?.close();
});
afterEach(() => world.rest());

const effectsOf = (marker: string) => world.recorder.effects().filter((effect) => effect.marker === marker);
const stateOf = async (id: string) => (await world.base.hall.get(world.caller, id)).state;
const frozenBy = async (id: string) =>
  (await base.owner.query("select frozen_by from open_action where id = $1", [id])).rows[0]?.frozen_by;

describe("an undo", () => {
  it("is not blocked by a key that the agent took for another call", async () => {
    const { control, hall } = world.base;
    const deed = await hall.submit(world.caller, call("put", { marker: "undo-1" }));
    expect(deed.view.state).toBe("done");
    const squat = call("look", { marker: "undo-1" }, { idempotencyKey: `reverse:${deed.view.id}` });
    expect((await hall.submit(world.caller, squat)).view.state).toBe("done");
    const undone = await reverseAction(control, bo, deed.view.id, "not so");
    expect(undone.view).toMatchObject({ state: "done", reverses: deed.view.id });
    expect(await stateOf(deed.view.id)).toBe("reversed");
  });

  it("of a deed that its server called an error is refused where nothing was looked at before", async () => {
    const { control, hall } = world.base;
    const there = await hall.submit(world.caller, call("put", { marker: "undo-3" }));
    const result = { content: [{ type: "text", text: "it is there already" }], isError: true };
    const replica = await world.replica({ connector: { call: async () => ({ kind: "answered", result }) } });
    const again = await replica.hall.submit(world.caller, call("put", { marker: "undo-4" }));
    expect(again.view).toMatchObject({ state: "done", isError: true });
    await replica.close();
    await expect(reverseAction(control, bo, again.view.id, "not so")).rejects.toMatchObject({ code: "conflict" });
    expect(effectsOf("undo-4")).toEqual([]);
    await reverseAction(control, bo, there.view.id, "not so");
    expect(await stateOf(there.view.id)).toBe("reversed");
  });

  it("that did nothing can be asked for again at once", async () => {
    const { control, hall } = world.base;
    const deed = await hall.submit(world.caller, call("put", { marker: "undo-2" }));
    const unreached: Connector = { call: async () => ({ kind: "never_sent", reason: "it could not be reached" }) };
    const replica = await world.replica({ connector: unreached });
    const failed = await reverseAction(replica.control, bo, deed.view.id, "not so");
    expect(failed.view.state).toBe("failed");
    await replica.close();
    const undone = await reverseAction(control, bo, deed.view.id, "not so");
    expect(undone.view.id).not.toBe(failed.view.id);
    expect(await stateOf(deed.view.id)).toBe("reversed");
  });

  const answers: readonly (readonly [string, Answer])[] = [
    ["a result that says error", { kind: "answered", result: { content: [], isError: true } }],
    ["an error", { kind: "error", error: { code: -32000, message: "it is locked" } }],
  ];
  it.each(answers)("that was answered with %s can be asked for again at once", async (how, refusal) => {
    const { control, hall } = world.base;
    const marker = `undo-${how.replaceAll(" ", "-")}`;
    const deed = await hall.submit(world.caller, call("put", { marker }));
    const replica = await world.replica({ connector: { call: async () => refusal } });
    const failed = await reverseAction(replica.control, bo, deed.view.id, "not so");
    expect(failed.view).toMatchObject({ state: "done", isError: true });
    await replica.close();
    expect(await stateOf(deed.view.id)).toBe("done");
    const undone = await reverseAction(control, bo, deed.view.id, "not so");
    expect(undone.view.id).not.toBe(failed.view.id);
    expect(await stateOf(deed.view.id)).toBe("reversed");
  });

  it("that others took for unknown and that was answered with an error late can be asked for again, too", async () => {
    const { control, hall } = world.base;
    const deed = await hall.submit(world.caller, call("put", { marker: "undo-late" }));
    const lost: Connector = { call: async () => ({ kind: "lost", reason: "no answer came" }) };
    const replica = await world.replica({ connector: lost });
    const unknown = await reverseAction(replica.control, bo, deed.view.id, "not so");
    await replica.close();
    expect(unknown.view.state).toBe("unknown");
    const { parts } = control;
    const track = trackOf(parts.plane.current(), await readSubject(parts.db, unknown.view.id, parts.wrap));
    if (track === undefined) throw new Error("it is on record");
    await settleUnknownAs(parts, track, "done", { kind: "error", error: { code: -32000, message: "it is locked" } });
    expect(await stateOf(deed.view.id)).toBe("done");
    const undone = await reverseAction(control, bo, deed.view.id, "not so");
    expect(undone.view.id).not.toBe(unknown.view.id);
    expect(await stateOf(deed.view.id)).toBe("reversed");
  });
});

it("a run that an agent makes up is not found, so that no limit of a run is a fresh one", async () => {
  const { hall } = world.base;
  const first = await hall.submit(world.caller, call("look", { marker: "run-5" }));
  const same = await hall.submit(world.caller, call("look", { marker: "run-5" }, { run: first.view.run }));
  expect(same.view.run).toBe(first.view.run);
  const made = hall.submit(world.caller, call("put", { marker: "run-6" }, { run: "run_auto_0000000000000000000000" }));
  await expect(made).rejects.toMatchObject({ code: "not_found" });
  expect(effectsOf("run-6")).toEqual([]);
});

describe("a stop", () => {
  it("over another keeps what the first one froze frozen until both are over", async () => {
    const { control, hall } = world.base;
    const held = await hall.submit(world.caller, call("ask_put", { marker: "two-stops" }), { waitMs: 0 });
    const { id } = held.view;
    const one = await stop(control, bo, { scope: "agent", name: world.caller.agent, reason: "odd" });
    const two = await stop(control, bo, { scope: "everything", name: "*", reason: "all of it" });
    await lift(control, cy, two.stop.id, "only the one");
    expect([await stateOf(id), await frozenBy(id)]).toEqual(["held", one.stop.id]);
    const three = await stop(control, bo, { scope: "tool", name: "deeds", reason: "the server too" });
    expect((await lift(control, cy, one.stop.id, "over")).thawed).toEqual([]);
    expect(await frozenBy(id)).toBe(three.stop.id);
    expect((await lift(control, cy, three.stop.id, "over")).thawed).toEqual([id]);
    await hall.sweep();
    expect(await stateOf(id)).toBe("held");
    await hall.cancel(world.caller, id, "not needed");
  });

  it("whose time is over lets go of what it froze", async () => {
    const { control, hall } = world.base;
    const held = await hall.submit(world.caller, call("ask_put", { marker: "timed-stop" }), { waitMs: 0 });
    const { id } = held.view;
    const untilMs = control.parts.ledger.now() + 4_000;
    const { frozen } = await stop(control, bo, {
      scope: "agent",
      name: world.caller.agent,
      reason: "a moment",
      untilMs,
    });
    expect(frozen).toContain(id);
    await until("its thaw", async () => (await frozenBy(id)) === null);
    await lookAndAnswer(control, bo, { action: id, verdict: "approve", reason: "go" });
    await until("its run", async () => (await stateOf(id)) === "done");
    expect(effectsOf("timed-stop")).toHaveLength(1);
  });

  it("that lasts longer than a question is open takes nothing of its time, however many stops there were", async () => {
    const { control, hall } = world.base;
    const asked = await hall.submit(world.caller, call("ask_put", { marker: "long-stop" }), { waitMs: 0 });
    const late = await hall.submit(world.caller, call("ask_put", { marker: "late-before-stop" }), { waitMs: 0 });
    const { id } = asked.view;
    const leftMs = async () =>
      Number(
        (
          await base.owner.query<{ ms: number }>(
            "select (extract(epoch from expires_at - coalesce(frozen_at, clock_timestamp())) * 1000)::float8 as ms from open_action where id = $1",
            [id],
          )
        ).rows[0]?.ms,
      );
    const one = await stop(control, bo, { scope: "agent", name: world.caller.agent, reason: "odd" });
    const two = await stop(control, bo, { scope: "everything", name: "*", reason: "all of it" });
    const left = await leftMs();
    // As if all of it had been a night ago; of the other one the time was over when it was frozen.
    await base.owner.query(
      `update open_action set frozen_at = frozen_at - interval '9 h', opened_at = opened_at - interval '9 h',
         expires_at = case when id = $1 then expires_at else frozen_at - interval '1 s' end - interval '9 h'
       where id in ($1, $2)`,
      [id, late.view.id],
    );
    await lift(control, cy, one.stop.id, "only the other");
    expect(await frozenBy(id)).toBe(two.stop.id);
    expect((await lift(control, cy, two.stop.id, "over")).thawed).toContain(id);
    await until("the end of what came too late", async () => (await stateOf(late.view.id)) === "refused");
    expect(await hall.get(world.caller, late.view.id)).toMatchObject({ refusal: "lapsed" });
    await hall.sweep();
    expect(await stateOf(id)).toBe("held");
    expect(left - (await leftMs())).toBeLessThan(60_000);
    await lookAndAnswer(control, bo, { action: id, verdict: "approve", reason: "go" });
    await until("its run", async () => (await stateOf(id)) === "done");
    expect(effectsOf("long-stop")).toHaveLength(1);
  });

  it("notes since when it freezes, also what a replica only then finds open", async () => {
    const { control, hall } = world.base;
    const asked = await hall.submit(world.caller, call("ask_put", { marker: "found-open" }), { waitMs: 0 });
    const { id } = asked.view;
    const since = async () =>
      (await base.owner.query<{ frozen_at: string | null }>("select frozen_at from open_action where id = $1", [id]))
        .rows[0]?.frozen_at;
    const { stop: taken } = await stop(control, bo, { scope: "agent", name: world.caller.agent, reason: "odd" });
    const first = await since();
    expect(first).not.toBeNull();
    expect(await freezeOne(control.parts.db, id, taken.id)).toBe(true);
    expect(await since()).toBe(first);
    await base.owner.query("update open_action set frozen_by = null, frozen_at = null where id = $1", [id]);
    expect(await freezeOne(control.parts.db, id, taken.id)).toBe(true);
    expect(await since()).not.toBeNull();
    await lift(control, cy, taken.id, "over");
    expect(await since()).toBeNull();
    await hall.cancel(world.caller, id, "not needed");
  });

  it("that comes while the way to the upstream opens still lets nothing through", async () => {
    const taken: string[] = [];
    const replica = await world.replica({
      connector: {
        async call(dispatch) {
          const made = await stop(world.base.control, bo, { scope: "tool", name: "deeds.put", reason: "just now" });
          taken.push(made.stop.id);
          return world.base.control.parts.connector.call(dispatch);
        },
      },
    });
    const { view } = await replica.hall.submit(world.caller, call("put", { marker: "late-stop" }));
    expect(view.state).toBe("failed");
    expect(view.sentence).toContain("just now");
    expect(effectsOf("late-stop")).toEqual([]);
    await replica.close();
    await lift(world.base.control, cy, taken[0] ?? "", "over");
  });
});

it("an approval of somebody who has left the group since does not count", async () => {
  const { control, hall } = world.base;
  await world.apply({ approvals: 2 });
  const held = await hall.submit(world.caller, call("ask_put", { marker: "left-1" }), { waitMs: 0 });
  const { id } = held.view;
  const approve = (person: typeof bo) =>
    lookAndAnswer(control, person, { action: id, verdict: "approve", reason: "go" });
  await approve(bo);
  await hall.sweep();
  // Bo's answer as one of a group that Bo is not in.
  await base.owner.query("update answer set person = 'gone@acme.example' where action = $1", [id]);
  await approve(ana);
  await hall.sweep();
  expect(await stateOf(id)).toBe("held");
  await approve(cy);
  await until("its run", async () => (await stateOf(id)) === "done");
  expect(effectsOf("left-1")).toHaveLength(1);
  await world.apply({});
});
