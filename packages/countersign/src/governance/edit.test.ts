import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { held as ask, look, say } from "../../../../test/faults/approver.ts";
import { ana, bo, cy, di } from "../../../../test/faults/workspace.ts";
import { call, openWorld, until, type World } from "../../../../test/faults/world.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../../../../test/support/database.ts";
import { readReceipt } from "../action/index.ts";
import type { Caller, PersonCaller } from "../identity/caller.ts";
import { answer, askBack, edit, issueAgentKey, lift, revokeAgentCredential, showApproval, stop } from "./index.ts";

let base: TestDatabase;
let world: World;
let caller: Caller;
beforeAll(async () => {
  base = await openTestDatabase();
  world = await openWorld({ databaseUrl: base.url, databaseAdminUrl: urlOf(base.ownerAt) });
  caller = await withKey();
});
afterAll(async () => {
  await world?.close();
  await base?.close();
});

const control = () => world.base.control;
const viewOf = (id: string) => world.base.hall.get(world.caller, id);
const stateOf = async (id: string) => (await viewOf(id)).state;
const done = (id: string) => until("its run", async () => (await stateOf(id)) === "done");
const effectsOf = (marker: string) => world.recorder.effects().filter((effect) => effect.marker === marker);
const held = (args: Record<string, string>) => ask(world, args, caller);

/** The agent as it is with a real key of its own. Its issuer counts as its requester. */
async function withKey(): Promise<Caller> {
  const { credential } = await issueAgentKey(control(), ana, { agent: "robot", environment: "sandbox" });
  await control().keeper.refresh();
  return { ...world.caller, credential, vouchedBy: [ana.email] };
}

async function make(person: PersonCaller, action: string, args: Record<string, string>, reason = "that is enough") {
  const shown = await look(control(), person, action);
  return edit(control(), person, { action, arguments: args, reason, ...shown });
}

describe("an edit", () => {
  afterEach(() => world.apply({}));

  it("makes a new action, approved by it, and refuses the first; each names the other", async () => {
    const first = await held({ marker: "edit-1", value: "much" });
    const waiting = world.base.hall.wait(world.caller, first, 20_000);
    const made = await make(bo, first, { marker: "edit-1", value: "little" });
    expect(made).toMatchObject({ counts: true });
    await done(made.action);
    expect(effectsOf("edit-1")).toMatchObject([{ action: made.action }]);
    const told = await waiting;
    expect(told).toMatchObject({
      ...{ state: "refused", refusal: "edited" },
      editedTo: { action: made.action, by: bo.email, reason: "that is enough" },
    });
    expect(told.sentence).toContain(`The edited call is ${made.action}`);
    expect(await viewOf(made.action)).toMatchObject({
      editOf: { action: first, by: bo.email, arguments: { marker: "edit-1", value: "little" } },
    });
    const receipt = await readReceipt(control().parts, made.action);
    expect(receipt.what).toMatchObject({ args: { value: "little" }, editOf: { action: first } });
    expect(receipt.approvals.sentence).toBe(
      `bo@acme.example approved it as a member of \`editors\`, by editing ${first}`,
    );
    expect(receipt.approvals.shown).toMatchObject([{ document: { id: made.action, args: { value: "little" } } }]);
    const old = await readReceipt(control().parts, first);
    expect(old.what).toMatchObject({ args: { value: "much" }, editedTo: { action: made.action } });
    expect(old.approvals.sentence).toContain(
      `bo@acme.example edited it as a member of \`editors\` into ${made.action}`,
    );
    expect(old.approvals.shown).toMatchObject([{ document: { id: first, args: { value: "much" } } }]);
  });

  it("is for whoever may answer the first, and not for who asked for it or owns its agent", async () => {
    await world.apply({ exclude: "requester, owner" });
    const first = await held({ marker: "edit-2", value: "a" });
    for (const person of [di, ana, cy])
      await expect(make(person, first, { marker: "edit-2", value: "b" })).rejects.toMatchObject({ code: "forbidden" });
    const wrong = { action: first, arguments: { marker: "edit-2" }, reason: "no" };
    const { callDigest, shownDigest } = await look(control(), bo, first);
    const other = `sha256:${"1".repeat(64)}`;
    await expect(edit(control(), bo, { ...wrong, callDigest: other, shownDigest })).rejects.toMatchObject({
      code: "conflict",
    });
    await expect(edit(control(), bo, { ...wrong, callDigest, shownDigest: other })).rejects.toMatchObject({
      code: "conflict",
    });
    expect(await stateOf(first)).toBe("held");
    expect(effectsOf("edit-2")).toEqual([]);
    await world.base.hall.cancel(world.caller, first, "over");
  });

  it("counts as one of the people who are asked for, for exactly the edited bytes", async () => {
    await world.apply({ approvals: 2 });
    const first = await held({ marker: "edit-3", value: "a" });
    await say(control(), cy, first);
    const { action, counts } = await make(bo, first, { marker: "edit-3", value: "b" });
    // Cy approved other bytes: their approval is not carried over, and Bo's own is one.
    expect(counts).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(await stateOf(action)).toBe("held");
    expect(await say(control(), bo, action)).toEqual({ isComplete: false });
    const { action: again } = await make(cy, action, { marker: "edit-3", value: "c" });
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(await stateOf(again)).toBe("held");
    expect(await viewOf(action)).toMatchObject({ refusal: "edited", editedTo: { action: again } });
    expect(effectsOf("edit-3")).toEqual([]);
    await say(control(), bo, again);
    await done(again);
    expect(effectsOf("edit-3")).toMatchObject([{ action: again }]);
  });

  it("that goes to another target is not approved by whoever has not seen that", async () => {
    const first = await held({ marker: "edit-4", value: "a" });
    const { action, counts, notCounted } = await make(bo, first, { marker: "edit-4-elsewhere", value: "a" });
    expect(counts).toBe(false);
    expect(notCounted).toContain("another target");
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(await stateOf(action)).toBe("held");
    expect(await stateOf(first)).toBe("refused");
    const shown = await showApproval(control(), bo, action);
    expect(shown.editOf).toMatchObject({ action: first, by: bo.email });
    await say(control(), bo, action);
    await done(action);
  });

  it("that policy or a check refuses is refused with a receipt, and the first is held as before", async () => {
    const first = await held({ marker: "edit-5", value: "a" });
    const secret = `ghp_${"0123456789abcdef0123456789abcdef0123"}`;
    const bad = await make(bo, first, { marker: "edit-5", value: secret });
    expect(bad.counts).toBe(false);
    expect(await viewOf(bad.action)).toMatchObject({ state: "refused", refusal: "check", editOf: { action: first } });
    const wrong = await edit(control(), bo, {
      ...{ action: first, arguments: { value: "no marker" }, reason: "wrong" },
      ...(await look(control(), bo, first)),
    });
    expect(await viewOf(wrong.action)).toMatchObject({ state: "refused", refusal: "policy" });
    expect(await stateOf(first)).toBe("held");
    await say(control(), bo, first);
    await done(first);
    expect(effectsOf("edit-5")).toMatchObject([{ action: first }]);
  });

  it("lets nobody do what the agent could not ask for: a revoked key, another environment", async () => {
    const own = await withKey();
    const first = await ask(world, { marker: "edit-6", value: "a" }, own);
    await revokeAgentCredential(control(), ana, own.credential, "gone");
    // The page tells of the key once a replica has looked again: before that, a look would be of another page.
    await until("its mark", async () => {
      const words = (await world.base.hall.open(first))?.risk?.words ?? [];
      return words.some(({ word }) => word === "revoked key");
    });
    await expect(make(bo, first, { marker: "edit-6", value: "b" })).rejects.toMatchObject({
      code: "conflict",
      detail: expect.stringContaining("credential is not live"),
    });
    expect(await stateOf(first)).toBe("held");
    await world.base.hall.cancel(world.caller, first, "over");
    const { credential } = await issueAgentKey(control(), ana, { agent: "robot", environment: "production" });
    await control().keeper.refresh();
    const second = await ask(world, { marker: "edit-7", value: "a" }, { ...caller, credential });
    await expect(make(bo, second, { marker: "edit-7", value: "a" })).rejects.toMatchObject({ code: "invalid" });
    const { action } = await make(bo, second, { marker: "edit-7", value: "b" });
    expect((await viewOf(action)).sentence).toContain("this credential is for environment `production`");
    expect(await stateOf(second)).toBe("held");
    await world.base.hall.cancel(world.caller, second, "over");
    expect(effectsOf("edit-6")).toEqual([]);
  });

  it("is refused while a stop freezes the first, and after it was answered", async () => {
    const first = await held({ marker: "edit-8", value: "a" });
    const shown = await look(control(), bo, first);
    const { stop: taken } = await stop(control(), ana, { scope: "workflow", name: "deeds-upkeep", reason: "to see" });
    const request = { action: first, arguments: { marker: "edit-8", value: "b" }, reason: "less", ...shown };
    await expect(edit(control(), bo, request)).rejects.toMatchObject({ code: "conflict" });
    await lift(control(), bo, taken.id, "seen");
    await askBack(control(), cy, { action: first, question: "why?", ...(await look(control(), cy, first)) });
    await expect(edit(control(), bo, request)).rejects.toMatchObject({ code: "conflict" });
    await say(control(), bo, first, "deny");
    await expect(edit(control(), bo, request)).rejects.toMatchObject({ code: "not_found" });
    expect(effectsOf("edit-8")).toEqual([]);
  });

  it("and an approval at once let one of the two calls happen, never both", async () => {
    for (let round = 0; round < 8; round++) {
      const marker = `edit-race-${round}`;
      const first = await held({ marker, value: "a" });
      const mine = await look(control(), bo, first);
      const theirs = await look(control(), cy, first);
      const two = { marker, value: "b" };
      await Promise.allSettled([
        edit(control(), bo, { action: first, arguments: two, reason: "less", ...mine }),
        answer(control(), cy, { action: first, verdict: "approve", reason: "", ...theirs }),
      ]);
      await until("an end of both", async () => {
        const view = await viewOf(first);
        const last = view.editedTo === undefined ? view.state : await stateOf(view.editedTo.action);
        return last === "done";
      });
      expect(effectsOf(marker)).toHaveLength(1);
    }
  });

  it("and another edit at once make one new call", async () => {
    const first = await held({ marker: "edit-twice", value: "a" });
    const mine = await look(control(), bo, first);
    const theirs = await look(control(), cy, first);
    const both = await Promise.allSettled(
      (
        [
          [bo, mine, "b"],
          [cy, theirs, "c"],
        ] as const
      ).map(([person, shown, value]) =>
        edit(control(), person, {
          action: first,
          arguments: { marker: "edit-twice", value },
          reason: "less",
          ...shown,
        }),
      ),
    );
    expect(both.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(both.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "conflict" } });
    const to = (await viewOf(first)).editedTo?.action ?? "";
    await done(to);
    expect(effectsOf("edit-twice")).toMatchObject([{ action: to }]);
  });

  it("of an undo is refused: it is what was captured before its deed", async () => {
    const { view } = await world.base.hall.submit(caller, call("put", { marker: "edit-undo" }), { waitMs: 0 });
    expect(view.state).toBe("done");
    await world.apply({ allow: "deeds.put, deeds.look", ask: "{ tool: deeds.remove, from: editors }" });
    const undo = await world.base.hall.reverse(caller, view.id, "to see");
    expect(undo.view.state).toBe("held");
    await expect(make(bo, undo.view.id, { marker: "other" })).rejects.toMatchObject({
      code: "conflict",
      detail: expect.stringContaining("an undo"),
    });
    await world.base.hall.cancel(world.caller, undo.view.id, "over");
  });
});
