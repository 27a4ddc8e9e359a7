import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fill } from "../../../../bench/fill.ts";
import { say } from "../../../../test/faults/approver.ts";
import { bo } from "../../../../test/faults/workspace.ts";
import { call, openWorld, type World } from "../../../../test/faults/world.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../../../../test/support/database.ts";
import { cancelAction } from "./cancel-action.ts";
import { nearMisses } from "./near-misses.ts";

let base: TestDatabase;
let world: World;
beforeAll(async () => {
  base = await openTestDatabase();
  const allow = "deeds.put, deeds.remove";
  world = await openWorld({ databaseUrl: base.url, databaseAdminUrl: urlOf(base.ownerAt), allow });
});
afterAll(async () => {
  await world?.close();
  await base?.close();
});

const canary = `ghp_${"c8Fk2LmQ9xYz7RtB3WcV6NdP1SgH4JeU5TqK"}`;
const asked = async (tool: string, marker: string): Promise<string> =>
  (await world.base.hall.submit(world.caller, call(tool, { marker }))).view.id;
const found = (more: { limit?: number; cursor?: string } = {}) =>
  nearMisses(world.base.control, { days: 7, limit: 50, ...more });
const lines = async (more: { limit?: number; cursor?: string } = {}) =>
  (await found(more)).nearMisses.map(({ action, kind }) => `${kind} ${action}`);

describe("MT-143 near misses", () => {
  it("are of each kind, what was refused or undone last first, and stay found behind 5,001 calls that ran", async () => {
    const { control, hall } = world.base;
    const undone = await asked("put", "undone");
    const denied = await asked("ask_put", "denied");
    const called = await asked("ask_put", "called off");
    const byRule = await asked("look", "by a rule");
    const byCheck = await asked("put", canary);
    await say(control, bo, denied, "deny");
    await cancelAction(control, bo, called, "not now");
    await hall.reverse(bo, undone, "not so");
    const ran = await asked("put", "ran");
    const expected = [
      `undone ${undone}`,
      `denied by a person ${denied}`,
      `caught by a check ${byCheck}`,
      `denied ${byRule}`,
    ];
    expect(await lines()).toEqual(expected);
    await fill(world.base, 5_001, undefined, ran);
    expect(await lines()).toEqual(expected);
    expect((await found()).next).toBeUndefined();
    // Page by page they are the same, each once.
    const paged: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await found({ limit: 1, ...(cursor === undefined ? {} : { cursor }) });
      paged.push(...page.nearMisses.map(({ action, kind }) => `${kind} ${action}`));
      cursor = page.next;
      if (cursor === undefined) break;
    }
    expect(paged).toEqual(expected);
    await expect(found({ cursor: called.replace(/.$/, (last) => (last === "z" ? "y" : "z")) })).rejects.toMatchObject({
      code: "invalid",
    });
    // What was called off since is looked through in pages, and a page that did not reach them says so.
    await fill(world.base, 1_001, (payload) => payload, called);
    const first = await found();
    expect(first.nearMisses).toEqual([]);
    expect(first.next).toBeDefined();
    expect(await lines({ cursor: first.next ?? "" })).toEqual(expected);
  });
});
