import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { held as ask, look, say } from "../../../../test/faults/approver.ts";
import { ana, bo, cy, di } from "../../../../test/faults/workspace.ts";
import { call, openWorld, type Replica, until, type World } from "../../../../test/faults/world.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../../../../test/support/database.ts";
import { readReceipt } from "../action/index.ts";
import type { PersonCaller } from "../identity/caller.ts";
import { type GrantRequest, grant } from "./grant.ts";
import {
  issueAgentKey,
  lift,
  listGrants,
  readGrant,
  revokeAgentCredential,
  revokeGrant,
  stop,
  voidGrants,
} from "./index.ts";

let base: TestDatabase;
let world: World;
let other: Replica;
beforeAll(async () => {
  base = await openTestDatabase();
  world = await openWorld({ databaseUrl: base.url, databaseAdminUrl: urlOf(base.ownerAt), grants: "true" });
  other = await world.replica({ ownPlane: true });
});
afterAll(async () => {
  await world?.close();
  await base?.close();
});

const control = () => world.base.control;
const stateOf = async (id: string) => (await world.base.hall.get(world.caller, id)).state;
const effectsOf = (marker: string) => world.recorder.effects().filter((effect) => effect.marker === marker);
const anyValue = { target: "exact", arguments: { "/value": { any: true } } } as const;

async function put(marker: string, value: string, hall = world.base.hall, more: object = {}) {
  const asked = call("ask_put", { marker, value, ...more });
  return (await hall.submit({ ...world.caller }, asked, { waitMs: 0 })).view;
}

/** A grant of this person at a held action, which then runs by it where it is enough. */
async function give(person: PersonCaller, action: string, more: Partial<GrantRequest> = {}): Promise<string> {
  const shown = await look(control(), person, action);
  const request = { approval: action, shape: anyValue, forMs: 3_600_000, uses: 3, reason: "a run of small ones" };
  return grant(control(), person, { ...request, ...shown, ...more });
}

const held = (marker: string, value = "a") => ask(world, { marker, value });
const ran = (id: string) => until("its run", async () => (await stateOf(id)) === "done");
const usedOf = async (id: string) => (await readGrant(control(), ana, id)).used;

async function end(...ids: readonly string[]): Promise<void> {
  for (const id of ids) await world.base.hall.cancel(world.caller, id, "over").catch(() => undefined);
}

describe("a grant", () => {
  afterEach(() => world.apply({ grants: "true" }));

  it("lets calls of its shape run, as often as it says, and each receipt names it and its giver", async () => {
    const first = await held("grant-1");
    const id = await give(bo, first);
    await ran(first);
    expect(await put("grant-1", "b")).toMatchObject({ state: "done" });
    const third = await put("grant-1", "c");
    expect(third).toMatchObject({ state: "done" });
    const { approvals, policy } = await readReceipt(control().parts, third.id);
    expect(approvals.sentence).toMatch(new RegExp(`^bo@acme.example had granted calls like it until .* \\(${id}\\)$`));
    expect(approvals.grants).toMatchObject([{ grant: id, person: bo.email }]);
    expect(policy.input?.facts.approvals).toMatchObject([{ person: bo.email, grant: { id } }]);
    const fourth = await put("grant-1", "d");
    expect(fourth).toMatchObject({ state: "held" });
    expect(effectsOf("grant-1")).toHaveLength(3);
    expect(await readGrant(control(), ana, id)).toMatchObject({ state: "used_up", used: 3, uses: 3, by: bo.email });
    await end(fourth.id);
  });

  it("is for nothing else: another target, argument, agent, person or environment is held", async () => {
    const first = await held("grant-2");
    const id = await give(bo, first, { shape: { target: "exact", arguments: { "/value": { oneOf: ["a", "b"] } } } });
    await ran(first);
    const views = [
      await put("grant-2-other", "a"),
      await put("grant-2", "c"),
      await put("grant-2", "b", world.base.hall, { how: "slow:1" }),
      (
        await world.base.hall.submit(
          { ...world.caller, onBehalfOf: cy.email, vouchedBy: [] },
          call("ask_put", { marker: "grant-2", value: "b" }),
          { waitMs: 0 },
        )
      ).view,
    ];
    expect(views.map(({ state }) => state)).toEqual(["held", "held", "held", "held"]);
    expect(await put("grant-2", "b")).toMatchObject({ state: "done" });
    expect(await usedOf(id)).toBe(2);
    await end(...views.map((view) => view.id));
    await revokeGrant(control(), bo, id, "over");
  });

  it("is not for what was asked for with a key that was revoked since: people are asked about that", async () => {
    const { credential } = await issueAgentKey(control(), ana, { agent: world.caller.agent, environment: "sandbox" });
    const asked = call("ask_put", { marker: "grant-leaked", value: "a" });
    const leaked = (await world.base.hall.submit({ ...world.caller, credential }, asked, { waitMs: 0 })).view;
    const honest = await held("grant-leaked", "b");
    await revokeAgentCredential(control(), ana, credential, "it leaked");
    const id = await give(bo, honest);
    await ran(honest);
    world.base.hall.nudge(leaked.id);
    await world.base.hall.sweep();
    await until("its mark", async () => JSON.stringify(await world.base.hall.open(leaked.id)).includes("revoked key"));
    expect([await stateOf(leaked.id), await usedOf(id)]).toEqual(["held", 1]);
    await say(control(), bo, leaked.id);
    await ran(leaked.id);
    expect(await usedOf(id)).toBe(1);
    await revokeGrant(control(), bo, id, "over");
  });

  it("is taken only where the policy says so, and given only by who may approve, of what they were shown", async () => {
    await world.apply({});
    const first = await held("grant-3");
    await expect(give(bo, first)).rejects.toMatchObject({
      code: "conflict",
      detail: expect.stringContaining("does not say `grants`"),
    });
    await world.apply({ grants: "true", exclude: "requester, owner" });
    const second = await held("grant-3", "b");
    await expect(give(di, second)).rejects.toMatchObject({ code: "forbidden" });
    await expect(give(cy, second)).rejects.toMatchObject({ code: "forbidden" });
    const other = { shownDigest: `sha256:${"1".repeat(64)}` };
    await expect(give(bo, second, other)).rejects.toMatchObject({ code: "conflict" });
    await expect(give(bo, second, { workflow: "elsewhere" })).rejects.toMatchObject({ code: "conflict" });
    for (const loosened of [{ "/nothing": { any: true } }, { "/value": { atMost: 3 } }, { "": { any: true } }] as const)
      await expect(
        give(bo, second, { shape: { target: "exact", arguments: loosened as never } }),
      ).rejects.toMatchObject({ code: "invalid" });
    expect(await listGrants(control(), ana)).not.toContainEqual(expect.objectContaining({ approval: second }));
    await end(first, second);
  });

  it("answers no call that nothing undoes", async () => {
    await world.apply({
      allow: "deeds.put, deeds.look",
      ask: "{ tool: deeds.remove, from: editors, grants: true }",
    });
    const { view } = await world.base.hall.submit(world.caller, call("remove", { marker: "grant-4" }), { waitMs: 0 });
    expect(view.state).toBe("held");
    const shape = { target: "exact", arguments: {} } as const;
    await expect(give(bo, view.id, { shape })).rejects.toMatchObject({
      code: "conflict",
      detail: expect.stringContaining("nothing undoes"),
    });
    await end(view.id);
  });

  it("of one person is one of the two who are asked for", async () => {
    await world.apply({ grants: "true", approvals: 2 });
    const first = await held("grant-5");
    const mine = await give(bo, first);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(await stateOf(first)).toBe("held");
    // The same person's approval, or a second grant of theirs, adds nobody.
    await say(control(), bo, first);
    const again = await give(bo, first);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(await stateOf(first)).toBe("held");
    expect(await usedOf(mine)).toBe(0);
    const theirs = await give(ana, first);
    await ran(first);
    // Bo approved this one by itself: only the other person's grant was needed.
    expect([await usedOf(mine), await usedOf(again), await usedOf(theirs)]).toEqual([0, 0, 1]);
    const { id } = await put("grant-5", "b");
    await ran(id);
    const { approvals } = await readReceipt(control().parts, id);
    expect(approvals.grants?.map(({ person }) => person).sort()).toEqual([ana.email, bo.email]);
    expect((await usedOf(mine)) + (await usedOf(again))).toBe(1);
    expect(effectsOf("grant-5")).toHaveLength(2);
    for (const one of [mine, again, theirs]) await revokeGrant(control(), ana, one, "over");
  });

  it("does not count for who is excluded from a call: whoever asked for that, or owns its agent", async () => {
    const first = await held("grant-6");
    const id = await give(bo, first);
    await ran(first);
    const asked = call("ask_put", { marker: "grant-6", value: "b" });
    const { view } = await world.base.hall.submit({ ...world.caller, vouchedBy: [bo.email] }, asked, { waitMs: 0 });
    expect(view.state).toBe("held");
    await world.apply({ grants: "true", exclude: "requester, owner" });
    expect(await put("grant-6", "c")).toMatchObject({ state: "held" });
    expect(await usedOf(id)).toBe(1);
    for (const { id: open } of await world.base.hall.listOpen(["held"], 100)) await end(open);
    await revokeGrant(control(), bo, id, "over");
  });

  it("is void once the policy that asks has another text, or its giver is not asked any more", async () => {
    const first = await held("grant-7");
    const id = await give(bo, first);
    await ran(first);
    await world.apply({ grants: "true", open: "5h" });
    const second = await put("grant-7", "b");
    expect(second).toMatchObject({ state: "held" });
    await end(second.id);
    await world.apply({ grants: "true" });
    expect(await put("grant-7", "c")).toMatchObject({ state: "done" });
    await base.owner.query(
      "update approval_grant set policies = jsonb_set(policies, '{0,from}', '\"nobody\"') where id = $1",
      [id],
    );
    await voidGrants(control());
    expect(await readGrant(control(), ana, id)).toMatchObject({
      state: "void",
      because: expect.stringContaining("is not asked"),
    });
    const third = await put("grant-7", "d");
    expect(third).toMatchObject({ state: "held" });
    await end(third.id);
  });

  it("is frozen by a stop, and revoked by its giver or an operator at once on every replica", async () => {
    const first = await held("grant-8");
    const id = await give(bo, first);
    await ran(first);
    const { stop: taken } = await stop(control(), ana, { scope: "tool", name: "deeds.ask_put", reason: "to see" });
    expect(await readGrant(control(), ana, id)).toMatchObject({
      state: "frozen",
      because: expect.stringContaining("to see"),
    });
    expect(await put("grant-8", "b")).toMatchObject({ state: "refused", refusal: "stopped" });
    await lift(control(), bo, taken.id, "seen");
    await until("the other replica to hear of it", async () => {
      const view = await put("grant-8", `c${Math.random()}`, other.hall);
      return view.state === "done";
    });
    await expect(revokeGrant(control(), di, id, "no")).rejects.toMatchObject({ code: "forbidden" });
    await revokeGrant(control(), cy, id, "enough");
    const after = await put("grant-8", "d", other.hall);
    expect(after).toMatchObject({ state: "held" });
    await expect(revokeGrant(control(), bo, id, "again")).rejects.toMatchObject({ code: "conflict" });
    await end(after.id);
  });

  it("expires by the database's clock, whatever was decided before", async () => {
    const first = await held("grant-9");
    const id = await give(bo, first, { uses: 100 });
    await ran(first);
    await base.owner.query("update approval_grant set until = clock_timestamp() where id = $1", [id]);
    const view = await put("grant-9", "b");
    expect(view).toMatchObject({ state: "held" });
    expect(await readGrant(control(), ana, id)).toMatchObject({ state: "expired" });
    await end(view.id);
  });

  it("is never used more often than it says, by two replicas at once, or revoked between decision and intent", async () => {
    const first = await held("grant-race");
    const uses = 7;
    const id = await give(bo, first, { uses });
    await ran(first);
    const halls = [world.base.hall, other.hall];
    const views = await Promise.all(
      Array.from({ length: 24 }, (_, at) => put("grant-race", `v${at}`, halls[at % 2] ?? world.base.hall)),
    );
    const done = views.filter(({ state }) => state === "done");
    const open = views.filter(({ state }) => state === "held");
    expect([done.length, open.length]).toEqual([uses - 1, 24 - uses + 1]);
    expect(effectsOf("grant-race")).toHaveLength(uses);
    expect(await usedOf(id)).toBe(uses);
    await end(...open.map((view) => view.id));

    let revoke: Promise<void> | undefined;
    const next = await held("grant-race", "next");
    const second = await give(bo, next, { uses: 50 });
    await ran(next);
    const late = await world.replica({
      at: async (point) => {
        if (point !== "before_intent") return;
        revoke ??= revokeGrant(control(), bo, second, "now");
        await revoke;
      },
    });
    const between = await put("grant-race", "between", late.hall);
    expect(between).toMatchObject({ state: "held" });
    expect(await usedOf(second)).toBe(1);
    await end(between.id);
  });

  it("and a stop at once: what ran by it ran before the stop", async () => {
    const first = await held("grant-stop");
    const id = await give(bo, first, { uses: 100 });
    await ran(first);
    const calls = Array.from({ length: 12 }, (_, at) => put("grant-stop", `v${at}`));
    const { stop: taken } = await stop(control(), ana, { scope: "everything", name: "*", reason: "now" });
    const stoppedAt = Date.now();
    const views = await Promise.all(calls);
    expect(views.every(({ state }) => ["done", "refused", "failed"].includes(state))).toBe(true);
    for (const { atMs } of effectsOf("grant-stop")) expect(atMs).toBeLessThan(stoppedAt + 1_500);
    expect(await put("grant-stop", "after")).toMatchObject({ state: "refused", refusal: "stopped" });
    await lift(control(), bo, taken.id, "seen");
    await revokeGrant(control(), bo, id, "over");
  });
});
