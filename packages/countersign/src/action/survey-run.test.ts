import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { lookAndAnswer } from "../../../../test/faults/client.ts";
import { ana, bo } from "../../../../test/faults/workspace.ts";
import { call, openWorld, until, type World } from "../../../../test/faults/world.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../../../../test/support/database.ts";
import { openRun, readReversal, reverseAction, reverseRun } from "../governance/index.ts";
import { surveyRun } from "./survey-run.ts";

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

const open = async () => (await openRun(world.base.control, bo, { agent: world.caller.agent })).id;
const survey = (run: string, options: { readonly most?: number; readonly leave?: ReadonlySet<string> } = {}) =>
  surveyRun(world.base.control.parts, [run], { most: 1000, ...options });

async function act(run: string, tool: "put" | "ask_put" | "look", marker: string): Promise<string> {
  const { view } = await world.base.hall.submit(world.caller, call(tool, { marker }, { run }), { waitMs: 0 });
  return view.id;
}

async function end(id: string): Promise<void> {
  await until("its end", async () => (await world.base.hall.get(world.caller, id)).state === "done");
}

const fates = async (run: string) => (await survey(run)).lines.map(({ deed, fate }) => [deed, fate]);

describe("what a run did", () => {
  it("comes in the order in which it was sent, and not in that in which it was asked for", async () => {
    const run = await open();
    const held = await act(run, "ask_put", "sent-last");
    const put = await act(run, "put", "sent-first");
    await act(run, "look", "sent-first");
    // What may still be sent comes before all that was.
    expect(await fates(run)).toEqual([
      [held, "open"],
      [put, "undo"],
    ]);
    await lookAndAnswer(world.base.control, ana, { action: held, verdict: "approve", reason: "so be it" });
    await end(held);
    const { lines } = await survey(run);
    expect(lines.map(({ deed }) => deed)).toEqual([held, put]);
    expect((lines[0]?.sent ?? "") > (lines[1]?.sent ?? "")).toBe(true);
  });

  it("has no undo in it", async () => {
    const run = await open();
    const put = await act(run, "put", "there-and-back");
    const undo = (await reverseAction(world.base.control, bo, put, "not so")).view;
    expect(undo.state).toBe("done");
    expect(await fates(run)).toEqual([[put, "reversed"]]);
  });

  it("is given up where it is more than is looked through", async () => {
    const run = await open();
    for (const at of [1, 2, 3]) await act(run, "put", `many-${at}`);
    expect((await survey(run, { most: 3 })).isWhole).toBe(true);
    expect(await survey(run, { most: 2 })).toMatchObject({ isWhole: false, lines: [] });
  });

  it("is not more for what it read, what was undone already, and the undos of that", async () => {
    const run = await open();
    const puts: string[] = [];
    for (const at of [1, 2, 3]) puts.push(await act(run, "put", `counted-${at}`));
    for (const at of [1, 2, 3]) await act(run, "look", `counted-${at}`);
    expect((await survey(run, { most: 2 })).isWhole).toBe(false);
    await reverseAction(world.base.control, bo, puts[2] ?? "", "not so");
    expect((await survey(run, { most: 2 })).isWhole).toBe(true);
    await reverseAction(world.base.control, bo, puts[1] ?? "", "not so");
    expect(await fates(run)).toHaveLength(3);
    expect((await survey(run, { most: 1 })).isWhole).toBe(true);
  });

  it("and is not over yet is left out where somebody wants to keep it, with what came before it to its target", async () => {
    const run = await open();
    const before = await act(run, "put", "kept-open");
    const held = await act(run, "ask_put", "kept-open");
    const { lines } = await survey(run, { leave: new Set([held]) });
    expect(lines).toMatchObject([
      { deed: held, fate: "left", sentence: "it was left out" },
      { deed: before, fate: "left", by: held },
    ]);
    await world.base.hall.cancel(world.caller, held, "not any more");
  });

  it("that was erased stays, and so does all that came before it to its server", async () => {
    const run = await open();
    const first = await act(run, "put", "before-erased");
    const erased = await act(run, "put", "erased");
    await base.owner.query("delete from subject_key where subject = $1", [erased]);
    const { lines } = await survey(run);
    expect(lines).toMatchObject([
      { deed: erased, fate: "left", target: null },
      { deed: first, fate: "left", by: erased },
    ]);
  });
});

describe("a reversal", () => {
  const reason = "the brief was wrong";
  const step = (id: string) =>
    readReversal(world.base.control, { id }, { limit: 200 }).then(({ state, done, left, waitsFor }) => ({
      state,
      done,
      left,
      waitsFor,
    }));

  it("undoes first what was sent last, and nothing while something may still be sent", async () => {
    const run = await open();
    const held = await act(run, "ask_put", "rev-late");
    const put = await act(run, "put", "rev-early");
    const id = await reverseRun(world.base.control, bo, { run, children: false, leave: [], reason });
    await until("its wait", async () => (await step(id)).waitsFor?.action === held);
    expect((await world.base.hall.get(world.caller, put)).state).toBe("done");
    await lookAndAnswer(world.base.control, ana, { action: held, verdict: "approve", reason: "so be it" });
    await until("its end", async () => (await step(id)).state === "ended");
    const { steps } = await readReversal(world.base.control, { id }, { limit: 200 });
    expect(steps.map(({ deed, state }) => [deed, state])).toEqual([
      [held, "done"],
      [put, "done"],
    ]);
    expect((steps[0]?.undo ?? "") < (steps[1]?.undo ?? "")).toBe(true);
  });

  it("does not wait for what is left out, and does not undo it once it is done", async () => {
    const run = await open();
    const put = await act(run, "put", "rev-free");
    const held = await act(run, "ask_put", "rev-kept");
    const id = await reverseRun(world.base.control, bo, { run, children: false, leave: [held], reason });
    await lookAndAnswer(world.base.control, ana, { action: held, verdict: "approve", reason: "so be it" });
    await end(held);
    await until("its end", async () => (await step(id)).state === "ended");
    expect(await step(id)).toMatchObject({ done: 1, left: 1 });
    expect((await world.base.hall.get(world.caller, put)).state).toBe("reversed");
    expect((await world.base.hall.get(world.caller, held)).state).toBe("done");
  });

  it("has nothing of what was called off while it waited", async () => {
    const run = await open();
    const held = await act(run, "ask_put", "rev-off");
    await act(run, "put", "rev-on");
    const id = await reverseRun(world.base.control, bo, { run, children: false, leave: [], reason });
    await until("its wait", async () => (await step(id)).waitsFor?.action === held);
    await world.base.hall.cancel(world.caller, held, "not any more");
    await until("its end", async () => (await step(id)).state === "ended");
    expect(await step(id)).toMatchObject({ done: 1, left: 0 });
  });
});
