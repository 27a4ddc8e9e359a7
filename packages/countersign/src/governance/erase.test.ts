import { verifyBundle } from "@countersign/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lookAndAnswer } from "../../../../test/faults/client.ts";
import { ana, bo, cy, di } from "../../../../test/faults/workspace.ts";
import { call, openWorld, until, type World } from "../../../../test/faults/world.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../../../../test/support/database.ts";
import { findableOf, lookUp, readReceipt } from "../action/index.ts";
import { indexEntries } from "../lookup/index-entries.ts";
import { proposeErasure, signErasure } from "./erase.ts";
import { eraseOld } from "./erase-old.ts";
import { finishErasures } from "./finish-erasures.ts";
import type { Control } from "./index.ts";
import { openRun } from "./open-run.ts";
import { endPreservation, preserve } from "./preserve.ts";

let base: TestDatabase;
let world: World;
const pace = { rest: async () => undefined, stop: () => undefined };
const reason = "they asked us to forget them";
beforeAll(async () => {
  base = await openTestDatabase();
  world = await openWorld({ databaseUrl: base.url, databaseAdminUrl: urlOf(base.ownerAt), keep: "" });
});
afterAll(async () => {
  await world?.close();
  await base?.close();
});

const control = () => world.base.control;
const put = async (marker: string, tool = "put"): Promise<string> =>
  (await world.base.hall.submit(world.caller, call(tool, { marker }))).view.id;
const erase = async (...subjects: string[]) =>
  signErasure(control(), bo, (await proposeErasure(control(), ana, { subjects, reason })).id);
const has = async (table: string, column: string, value: string): Promise<boolean> =>
  (await base.owner.query(`select 1 from ${table} where ${column} = $1`, [value])).rowCount > 0;
/** As it is at this moment of the database's time, which what is kept for how long goes by. */
function at({ parts, ...more }: Control, ms: number): Control {
  return { ...more, parts: { ...parts, ledger: Object.create(parts.ledger, { now: { value: () => ms } }) } };
}
const later = (of: Control = control()) => at(of, of.parts.ledger.now() + 3_600_000);
const isThere = (subject: string) => has("subject_key", "subject", subject);
const findable = async (q: string): Promise<number> => {
  const none = new Set<string>();
  const { clock, ...parts } = control().parts;
  // As if no time passed while it looks: how long a question may take is not what is tested here.
  const unhurried = { ...parts, clock: { now: () => clock.now(), tick: () => 0 } };
  const found = await lookUp(unhurried, { q, limit: 10, agents: none, workflows: none, tools: none });
  return found.actions.length;
};
/** Entries of a kind about the plane, newest first, with what they say. */
const deeds = async (kind: string) => {
  const { rows } = await base.owner.query<{ subject: string; person: string; workflow: string | null }>(
    "select subject, person, workflow from entry where kind = $1 order by recorded_at desc",
    [kind],
  );
  const { readSubject } = await import("../ledger/read.ts");
  const { db, wrap } = control().parts;
  return Promise.all(
    rows.map(async (row) => ({ ...row, payload: (await readSubject(db, row.subject, wrap)).entries[0]?.payload })),
  );
};

describe("erasing", () => {
  it("MT-31 takes two people, leaves nothing of what an action said, and its receipt still verifies and says who and why", async () => {
    const held = await put("very-private-marker", "ask_put");
    await lookAndAnswer(control(), bo, { action: held, verdict: "approve", reason: "private words" });
    await until("it ran", async () => (await world.base.hall.get(world.caller, held)).state === "done");
    await until("the log has it", async () => (await world.base.book.lag()) === 0);
    await world.base.index.catchUp();
    expect(await findable("very-private-marker")).toBe(1);
    expect(await has("answer", "action", held)).toBe(true);
    await base.owner.query(
      "insert into alert (id, kind, subject, sentence) values ('gov_x', 'test', $1, 'very-private-marker')",
      [held],
    );

    const proposed = await proposeErasure(control(), ana, { subjects: [held], reason });
    expect(proposed).toMatchObject({ erased: false, subjects: [held], linked: [] });
    expect(await isThere(held)).toBe(true);
    await expect(signErasure(control(), ana, proposed.id)).rejects.toMatchObject({ code: "forbidden" });
    await expect(signErasure(control(), di, proposed.id)).rejects.toMatchObject({ code: "forbidden" });
    const signed = await signErasure(control(), bo, proposed.id);
    expect(signed.erased).toBe(true);
    await expect(signErasure(control(), cy, proposed.id)).rejects.toMatchObject({ code: "not_found" });

    expect(await isThere(held)).toBe(false);
    expect(await has("answer", "action", held)).toBe(false);
    expect(await has("alert", "sentence", "very-private-marker")).toBe(false);
    expect(await findable("very-private-marker")).toBe(0);
    const receipt = await readReceipt(control().parts, held);
    expect(receipt).toMatchObject({ disclosed: false, state: "done", what: { args: null, target: "" } });
    // What is not known any more is not said not to have been.
    for (const { sentence } of [receipt.policy, receipt.approvals, receipt.reversal])
      expect(sentence).toContain("erased");
    expect(receipt.data.withheld).toContain("erased");
    expect(receipt.erased).toMatchObject({
      by: [ana.email, bo.email],
      because: reason,
      receipt: `/v1/receipts/${signed.entry}`,
    });
    expect(JSON.stringify(receipt)).not.toContain("very-private-marker");
    await until("the log has the deed", async () => (await world.base.book.lag()) === 0);
    const bundle = await world.base.book.bundle(held);
    const verified = await verifyBundle(Buffer.from(bundle.text), await world.base.book.trust());
    expect(verified).toMatchObject({ ok: true, subject: held, withheld: [0, 1, 2, 3, 4] });
    const payload = Buffer.from((JSON.parse(bundle.text) as { payload: string }).payload, "base64").toString();
    expect(payload).toContain(reason);
    expect(payload).not.toContain("very-private-marker");
    await expect(erase(held)).rejects.toMatchObject({
      code: "conflict",
      detail: expect.stringContaining("erased before"),
    });
  });

  it("keeps what is open, and names what does not exist", async () => {
    const held = await put("still-open", "ask_put");
    await expect(erase(held)).rejects.toMatchObject({ code: "conflict", detail: expect.stringContaining("is held") });
    await expect(erase(`act_${"0".repeat(26)}`)).rejects.toMatchObject({ code: "not_found" });
    await expect(proposeErasure(control(), ana, { subjects: [held], reason: " " })).rejects.toMatchObject({
      code: "invalid",
    });
    await expect(proposeErasure(control(), di, { subjects: [held], reason })).rejects.toMatchObject({
      code: "forbidden",
    });
    await world.base.hall.cancel(ana, held, "not needed");
    expect((await erase(held)).erased).toBe(true);
  });

  it("tells of an undo, which holds what was undone, and a run stands for all that is in it", async () => {
    const run = await openRun(control(), ana, { agent: "robot", task: "look after Ms Private" });
    const submit = async (marker: string) =>
      (await world.base.hall.submit(world.caller, call("put", { marker }, { run: run.id }))).view.id;
    const [one, two] = [await submit("of-a-run-1"), await submit("of-a-run-2")];
    const undo = await world.base.hall.reverse(ana, one, "a mistake");
    expect((await proposeErasure(control(), ana, { subjects: [one], reason })).linked).toEqual([undo.view.id]);
    const made = await erase(run.id);
    expect(made.subjects).toEqual([one, two, undo.view.id, run.id].sort());
    for (const subject of [one, two, undo.view.id]) expect(await isThere(subject)).toBe(false);
    expect(await has("run", "task", "look after Ms Private")).toBe(false);
    await expect(world.base.hall.reverse(ana, two, "too late")).rejects.toMatchObject({ code: "conflict" });
  });

  it("of a run takes its plan too, and the deed that opened it never held either", async () => {
    const plan = [{ tool: "double.put", target: "the house of Ms Private" }];
    const run = await openRun(control(), ana, { agent: "robot", task: "look after Ms Private again", plan });
    const row = async () =>
      (await base.owner.query<{ task: string; plan: unknown }>("select task, plan from run where id = $1", [run.id]))
        .rows[0];
    expect((await row())?.plan).toEqual(plan);
    const opened = (await deeds("activated")).filter((deed) => JSON.stringify(deed).includes(run.id));
    expect(opened).toHaveLength(1);
    expect(JSON.stringify(opened)).not.toContain("Ms Private");
    await erase(run.id);
    expect(await row()).toMatchObject({ task: null, plan: null });
  });

  it("in an organisation of one person is done at once, and the deed says that one person did it", async () => {
    const id = await put("alone");
    const { keeper } = control();
    const loaded = keeper.loaded();
    const people = new Map([...loaded.directory.people].filter(([email]) => email === ana.email));
    const alone = {
      ...control(),
      keeper: {
        ...keeper,
        loaded: () => ({ ...loaded, directory: { ...loaded.directory, people, singlePerson: true } }),
      },
    };
    expect(await proposeErasure(alone, ana, { subjects: [id], reason })).toMatchObject({ erased: true });
    expect(await isThere(id)).toBe(false);
    const [deed] = await deeds("erased");
    expect(deed).toMatchObject({ person: ana.email, payload: { signed: [ana.email], single: true, reason } });
  });

  it("is finished after a crash between its deed and its key", async () => {
    const id = await put("crashed-erasure");
    const { id: proposal } = await proposeErasure(control(), ana, { subjects: [id], reason });
    const { parts } = control();
    const crashing = { ...parts, db: { ...parts.db, transaction: () => Promise.reject(new Error("crash")) } };
    await expect(signErasure({ ...control(), parts: crashing }, bo, proposal)).rejects.toThrow("crash");
    expect(await isThere(id)).toBe(true);
    expect(await has("erasure", "subject", id)).toBe(true);
    expect(await finishErasures(parts)).toBe(1);
    expect(await isThere(id)).toBe(false);
    expect(await finishErasures(parts)).toBe(0);
  });

  it("leaves no term of an action that is being indexed at that moment", async () => {
    await world.base.index.stop();
    const { db, wrap, terms: key, log } = control().parts;
    const indexing = { db, wrap, key, log };
    while (((await indexEntries({ ...indexing, read: findableOf }, 50)) ?? 0) > 0);
    const id = await put("racing-erasure");
    const { id: proposal } = await proposeErasure(control(), ana, { subjects: [id], reason });
    const before = await base.owner.query<{ n: string }>("select count(*) as n from lookup_action");
    let signing: Promise<unknown> | undefined;
    const read: typeof findableOf = (payload, names) => {
      // The key is open, the terms are not written yet: now somebody erases.
      signing ??= signErasure(control(), bo, proposal);
      return findableOf(payload, names);
    };
    while (((await indexEntries({ ...indexing, read }, 50)) ?? 0) > 0);
    await signing;
    const after = await base.owner.query<{ n: string }>("select count(*) as n from lookup_action");
    expect(after.rows[0]?.n).toBe(before.rows[0]?.n);
    expect(await findable("racing-erasure")).toBe(0);
  });
});

describe("MT-31 a legal hold", () => {
  it.each(["action", "run", "agent", "workflow"] as const)(
    "on a thing of kind %s keeps it from being erased until a second person ends it",
    async (scope) => {
      const id = await put(`preserved-${scope}`);
      const run = (await world.base.hall.get(world.caller, id)).run;
      const name = { action: id, run, agent: "robot", workflow: "deeds-upkeep" }[scope];
      const preservation = await preserve(control(), cy, { scope, name, reason: "a court asked" });
      await expect(erase(id)).rejects.toMatchObject({
        code: "conflict",
        detail: expect.stringContaining(preservation),
      });
      await expect(endPreservation(control(), cy, preservation, "enough")).rejects.toMatchObject({ code: "forbidden" });
      await endPreservation(control(), ana, preservation, "the court is done");
      expect((await erase(id)).erased).toBe(true);
      const [ended, taken] = await deeds("preserved");
      expect(taken).toMatchObject({
        person: cy.email,
        payload: { preserved: { scope, name }, reason: "a court asked" },
      });
      expect(ended).toMatchObject({ person: ana.email, payload: { reason: "the court is done" } });
    },
  );

  it("blocks what was asked for before it came, and ends by itself at its time", async () => {
    const id = await put("preserved-later");
    const { id: proposal } = await proposeErasure(control(), ana, { subjects: [id], reason });
    await preserve(control(), cy, {
      scope: "action",
      name: id,
      reason: "wait",
      untilMs: Math.floor(control().parts.ledger.now()) + 5_000,
    });
    await expect(signErasure(control(), bo, proposal)).rejects.toMatchObject({ code: "conflict" });
    await until(
      "it is over",
      async () => (await signErasure(control(), bo, proposal).catch(() => undefined))?.erased === true,
    );
  });

  it("and an erasure at the same moment never both come to be", async () => {
    const outcomes = new Set<string>();
    for (let i = 0; i < 8; i++) {
      const id = await put(`both-${i}`);
      const { id: proposal } = await proposeErasure(control(), ana, { subjects: [id], reason });
      const other = await world.replica();
      const [signed, held] = await Promise.allSettled([
        signErasure(control(), bo, proposal),
        preserve({ ...other.control }, cy, { scope: "action", name: id, reason: "at once" }),
      ]);
      expect([signed.status, held.status].filter((status) => status === "fulfilled")).toHaveLength(1);
      expect(await isThere(id)).toBe(held.status === "fulfilled");
      outcomes.add(signed.status);
    }
    expect(outcomes.size).toBeGreaterThan(0);
  });

  it("is for whom the table says, and names what there is", async () => {
    const request = { scope: "agent", name: "robot", reason: "no" } as const;
    await expect(preserve(control(), di, request)).rejects.toMatchObject({ code: "forbidden" });
    await expect(preserve(control(), cy, { ...request, name: "nobody" })).rejects.toMatchObject({ code: "not_found" });
    await expect(preserve(control(), cy, { ...request, reason: "" })).rejects.toMatchObject({ code: "invalid" });
  });
});

describe("MT-31 retention", () => {
  it("is off where the workflow does not say how long", async () => {
    await put("kept-for-ever");
    expect(await eraseOld(control(), pace)).toBe(0);
  });

  it("erases what ended longer ago than that, in batches that the ledger knows, and keeps what is open or preserved", async () => {
    const old = [await put("old-1"), await put("old-2"), await put("old-3")];
    const held = await put("old-held", "ask_put");
    const preserved = await put("old-preserved");
    const preservation = await preserve(control(), cy, { scope: "action", name: preserved, reason: "a court asked" });
    await world.apply({ keep: "1s" });
    await put("recent");
    // Far from both: ids are of this machine's time, and the moment is of the database's.
    await new Promise((resolve) => setTimeout(resolve, 600));
    const moment = control().parts.ledger.now();
    await new Promise((resolve) => setTimeout(resolve, 600));
    const fresh = await put("fresh");
    const erased = await eraseOld(at(control(), moment + 1_000), pace);
    expect(erased).toBeGreaterThanOrEqual(old.length + 1);
    for (const id of old) expect(await isThere(id)).toBe(false);
    for (const id of [held, preserved, fresh]) expect(await isThere(id), id).toBe(true);
    const [batch] = await deeds("erased");
    expect(batch).toMatchObject({
      person: "countersign",
      workflow: "deeds-upkeep",
      payload: {
        retention: { workflow: "deeds-upkeep", keepMs: 1000, count: erased, digest: expect.stringMatching(/^sha256:/) },
      },
    });
    const receipt = await readReceipt(control().parts, old[0] ?? "");
    expect(receipt.erased).toMatchObject({
      by: ["countersign"],
      because: expect.stringContaining("deeds-upkeep keeps"),
    });

    // What waited is looked at again: when its legal hold is over, and when it has ended.
    await endPreservation(control(), ana, preservation, "the court is done");
    expect(await eraseOld(later(), pace)).toBe(2);
    expect(await isThere(preserved)).toBe(false);
    expect(await isThere(held)).toBe(true);
    await world.base.hall.cancel(ana, held, "not needed");
    expect(await eraseOld(later(), pace)).toBe(1);
    expect(await isThere(held)).toBe(false);
    expect(await eraseOld(later(), pace)).toBe(0);
    expect((await deeds("erased")).filter((one) => one.person === "countersign")).toHaveLength(3);
  });

  it("is done by one replica at a time", async () => {
    const other = await world.replica();
    await put("once");
    const counts = await Promise.all([eraseOld(later(), pace), eraseOld(later(other.control), pace)]);
    expect(counts.toSorted()).toEqual([0, 1]);
  });
});
