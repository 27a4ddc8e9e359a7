import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { held as ask, look, say } from "../../../../test/faults/approver.ts";
import { ana, bo, cy, di } from "../../../../test/faults/workspace.ts";
import { call, openWorld, until, type World } from "../../../../test/faults/world.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../../../../test/support/database.ts";
import { readReceipt } from "../action/index.ts";
import type { PersonCaller } from "../identity/caller.ts";
import { answer, answerBatch, askBack, lift, listBatches, showApproval, stop } from "./index.ts";

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

const control = () => world.base.control;
const stateOf = async (id: string) => (await world.base.hall.get(world.caller, id)).state;
const ran = (id: string) => until("its run", async () => (await stateOf(id)) === "done");

async function several(marker: string, count: number): Promise<readonly string[]> {
  const ids = [];
  for (let at = 0; at < count; at++) ids.push(await ask(world, { marker: `${marker}-${at}`, value: "v" }));
  return ids;
}

/** What the list puts before this person, as far as an answer names it. */
async function listed(person: PersonCaller) {
  const { batches } = await listBatches(control(), person);
  return batches.flatMap(({ items }) =>
    items.map(({ id, callDigest, shownDigest = "", opened }) => ({ id, callDigest, shownDigest, opened })),
  );
}

const named = (items: Awaited<ReturnType<typeof listed>>) => items.map(({ opened: _, ...item }) => item);
const approve = (person: PersonCaller, items: Awaited<ReturnType<typeof listed>>) =>
  answerBatch(control(), person, { verdict: "approve", reason: "all alike", items: named(items) });

describe("a batch", () => {
  it("only lists: what was seen in a list alone is not answered by itself", async () => {
    const [id = ""] = await several("batch-5", 2);
    const [item] = await listed(bo);
    expect(item?.id).toBe(id);
    const { callDigest = "", shownDigest = "" } = item ?? {};
    const alone = { action: id, verdict: "approve", reason: "", callDigest, shownDigest } as const;
    await expect(answer(control(), bo, alone)).rejects.toMatchObject({
      code: "conflict",
      detail: "you saw this in a list only, and not by itself",
    });
    await look(control(), bo, id);
    await answer(control(), bo, alone);
    await ran(id);
  });

  it("that is denied gives its reason to each agent", async () => {
    const ids = await several("batch-6", 2);
    for (const id of ids) await look(control(), bo, id);
    const items = named(await listed(bo));
    await expect(answerBatch(control(), bo, { verdict: "deny", reason: " ", items })).rejects.toMatchObject({
      code: "invalid",
    });
    await answerBatch(control(), bo, { verdict: "deny", reason: "not today", items });
    for (const id of ids)
      expect(await world.base.hall.get(world.caller, id)).toMatchObject({
        refusal: "denied",
        sentence: "denied by bo@acme.example: not today",
      });
  });

  afterEach(async () => {
    for (const { id } of await world.base.hall.listOpen(["held"], 100))
      await world.base.hall.cancel(world.caller, id, "over");
    await world.apply({});
  });

  it("is answered at once after a sample was opened, each with its own entry that says so", async () => {
    const ids = await several("batch-1", 5);
    const { batches, unlooked } = await listBatches(control(), bo);
    const [{ paths, sample, items, verb } = { paths: [], sample: 0, items: [], verb: "" }] = batches;
    expect(unlooked).toBe(0);
    expect({ paths, sample, verb }).toEqual({ paths: ["/marker", "/value"], sample: 3, verb: "execute" });
    expect(items.map(({ id }) => id)).toEqual(ids);
    expect(items.every(({ opened, args }) => !opened && args !== undefined)).toBe(true);
    await expect(approve(bo, await listed(bo))).rejects.toMatchObject({
      code: "conflict",
      detail: "you opened 0 of these by itself, and 3 are asked for",
    });
    for (const id of ids.slice(0, 3)) await look(control(), bo, id);
    // What the list shows again stays opened.
    const shown = await listed(bo);
    expect(shown.map(({ opened }) => opened)).toEqual([true, true, true, false, false]);
    const { answered, batch, left } = await approve(bo, shown);
    expect([answered.map(({ id }) => id), left]).toEqual([ids, []]);
    for (const id of ids) await ran(id);
    const receipts = await Promise.all(ids.map((id) => readReceipt(control().parts, id)));
    expect(receipts[0]?.approvals.sentence).toBe(
      "bo@acme.example approved it as a member of `editors`, with 4 others at once",
    );
    expect(receipts[4]?.approvals.sentence).toContain("with 4 others at once, from the list and not opened by itself");
    expect(receipts[4]?.approvals.answers).toMatchObject([{ batch: { id: batch, of: 5, opened: false } }]);
    expect(receipts[4]?.approvals.shown).toHaveLength(1);
  });

  it("leaves out what changed or ended meanwhile, with its reason, and answers the rest", async () => {
    const ids = await several("batch-2", 5);
    for (const id of ids.slice(0, 3)) await look(control(), bo, id);
    const shown = await listed(bo);
    const [asked = "", denied = "", gone = ""] = [ids[0], ids[3], ids[4]];
    await askBack(control(), ana, { action: asked, question: "sure?", ...(await look(control(), ana, asked)) });
    await say(control(), ana, denied, "deny");
    await world.base.hall.cancel(world.caller, gone, "over");
    const { answered, left } = await approve(bo, shown);
    expect(answered.map(({ id }) => id)).toEqual([ids[1], ids[2]]);
    expect(left).toMatchObject([
      { id: asked, because: "what waits now is not what you were shown" },
      { id: denied, because: expect.stringContaining("waits for an answer") },
      { id: gone, because: expect.stringContaining("waits for an answer") },
    ]);
    await Promise.all([ids[1], ids[2]].map((id = "") => ran(id)));
    expect(await stateOf(asked)).toBe("held");
  });

  it("holds only what is alike, can be undone, and is this person's to answer", async () => {
    await world.apply({
      allow: "deeds.put, deeds.look",
      ask: "{ tool: deeds.remove, from: editors }",
      exclude: "owner",
    });
    const alike = await several("batch-3", 2);
    const odd = await ask(world, { marker: "batch-3-odd", value: "v", how: "slow:1" });
    const gone = [];
    for (const marker of ["batch-3-x", "batch-3-y"]) {
      const { view } = await world.base.hall.submit(world.caller, call("remove", { marker }), { waitMs: 0 });
      gone.push(view.id);
    }
    expect((await listed(bo)).map(({ id }) => id)).toEqual(alike);
    expect(await listed(di)).toEqual([]);
    expect(await listed(cy)).toEqual([]);
    const items = [];
    for (const id of [...alike, odd]) items.push({ id, ...(await look(control(), bo, id)) });
    const request = { verdict: "approve", reason: "", items } as const;
    await expect(answerBatch(control(), bo, request)).rejects.toMatchObject({
      code: "invalid",
      detail: expect.stringContaining("not alike"),
    });
    const undoable = [];
    for (const id of gone) undoable.push({ id, ...(await look(control(), bo, id)) });
    await expect(answerBatch(control(), bo, { ...request, items: undoable })).rejects.toMatchObject({
      code: "invalid",
      detail: expect.stringContaining("nothing undoes it"),
    });
    const [one = { id: "", callDigest: "", shownDigest: "" }] = items;
    for (const wrong of [[one], [one, one], Array.from({ length: 21 }, (_, at) => ({ ...one, id: `${one.id}${at}` }))])
      await expect(answerBatch(control(), bo, { ...request, items: wrong })).rejects.toMatchObject({ code: "invalid" });
    for (const id of [...alike, odd, ...gone]) expect(await stateOf(id)).toBe("held");
  });

  it("is of one shape: what changes much more of its target is in another one", async () => {
    const small = await several("batch-8", 2);
    const large = [];
    for (const marker of ["batch-8-x", "batch-8-y"]) large.push(await ask(world, { marker, value: "v".repeat(2_000) }));
    const { batches } = await listBatches(control(), bo);
    expect(batches.map(({ items }) => items.map(({ id }) => id))).toEqual([small, large]);
    const [one, other] = batches;
    expect(one?.paths).toEqual(other?.paths);
    expect(one?.shape).not.toEqual(other?.shape);
    const mixed = [];
    for (const id of [...small, ...large]) mixed.push({ id, ...(await look(control(), bo, id)) });
    await expect(answerBatch(control(), bo, { verdict: "approve", reason: "", items: mixed })).rejects.toMatchObject({
      code: "invalid",
      detail: expect.stringContaining("not alike"),
    });
    for (const id of [...small, ...large]) expect(await stateOf(id)).toBe("held");
  });

  it("says how many that may be alike were not opened to be compared", async () => {
    await Promise.all(Array.from({ length: 62 }, (_, at) => ask(world, { marker: `batch-9-${at}`, value: "v" })));
    const { batches, unlooked } = await listBatches(control(), bo);
    expect(batches.map(({ items, more }) => [items.length, more])).toEqual([[20, 40]]);
    expect(unlooked).toBe(2);
  });

  it("does not get around two people, the requester, or a stop", async () => {
    await world.apply({ approvals: 2 });
    const ids = await several("batch-4", 3);
    for (const id of ids) await look(control(), bo, id);
    const shown = await listed(bo);
    expect((await approve(bo, shown)).answered).toHaveLength(3);
    expect((await approve(bo, await listed(bo))).answered).toHaveLength(3);
    await new Promise((resolve) => setTimeout(resolve, 700));
    for (const id of ids) expect(await stateOf(id)).toBe("held");
    for (const id of ids) await look(control(), ana, id);
    const theirs = await listed(ana);
    const { stop: taken } = await stop(control(), ana, { scope: "agent", name: "robot", reason: "to see" });
    const { answered, left } = await approve(ana, theirs);
    expect([answered, left.map(({ because }) => because)]).toEqual([
      [],
      ids.map(() => "it is frozen by a stop; lift the stop first"),
    ]);
    expect(await listed(ana)).toEqual([]);
    await lift(control(), bo, taken.id, "seen");
    expect((await approve(ana, theirs)).answered).toHaveLength(3);
    for (const id of ids) await ran(id);
    const own = await world.base.hall.submit(
      { ...world.caller, vouchedBy: [bo.email] },
      call("ask_put", { marker: "batch-4-own", value: "v" }),
      { waitMs: 0 },
    );
    expect((await listed(bo)).map(({ id }) => id)).not.toContain(own.view.id);
  });

  it("leaves out what much depends on: it is looked at by itself", async () => {
    // After a stop each of them is of high risk.
    const ids = await several("batch-7", 2);
    const [open] = await Promise.all(ids.map((id) => showApproval(control(), bo, id)));
    expect(open?.risk?.level).toBe("high");
    expect((await listed(bo)).map(({ id }) => id)).not.toContain(ids[0]);
  });
});
