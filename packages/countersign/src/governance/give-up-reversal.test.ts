import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lookAndAnswer } from "../../../../test/faults/client.ts";
import { ana, bo, cy, di, server } from "../../../../test/faults/workspace.ts";
import { call, until } from "../../../../test/faults/world.ts";
import type { Connector } from "../execution/connector.ts";
import { readSubject } from "../ledger/read.ts";
import { giveUpReversal, openRun, reverseAction, reverseRun } from "./index.ts";
import { openReversing, type Reversing } from "./reversing.fixture.ts";
import { claimReversal, openReversal } from "./run-reversal-sql.ts";

const reason = "the pages are right after all";
/** Every undo is asked about. */
const asks = {
  allow: `${server}.put, ${server}.look`,
  ask: `{ tool: ${server}.remove, from: editors, count: 1, open: 4h, valid: 1h, exclude: [requester], grants: false }`,
};

let free: Reversing;
let asking: Reversing;
beforeAll(async () => {
  free = await openReversing();
  asking = await openReversing(asks);
});
afterAll(async () => {
  await free?.close();
  await asking?.close();
});

const stateIn = async ({ hall, world }: Reversing, id: string) => (await hall.get(world.caller, id)).state;
const giveUp = ({ control }: Reversing, run: string, person = bo) => giveUpReversal(control, person, { run, reason });
const again = ({ control }: Reversing, run: string) =>
  reverseRun(control, bo, { run, children: false, leave: [], reason: "it was wrong, indeed" });
const deedsOf = async (stage: Reversing) => {
  const text = "select distinct subject from entry where subject like 'gov_%'";
  const { rows } = await stage.base.owner.query<{ subject: string }>(text);
  const { db, wrap } = stage.control.parts;
  const read = await Promise.all(rows.map(({ subject }) => readSubject(db, subject, wrap)));
  return read.map(({ entries }) => ({ person: entries[0]?.entry.person, ...(entries[0]?.payload as object) }));
};
const recorded = async (stage: Reversing, reversal: string) =>
  (await deedsOf(stage)).filter((one) => {
    const { deed, reversal: of } = one as { readonly deed?: string; readonly reversal?: string };
    return deed === "gave up the reversal of a run" && of === reversal;
  });

describe("a reversal that is given up", () => {
  it("leaves what was not undone, cancels the undo that waits for people, and is told in the ledger", async () => {
    const { id, run, deeds } = await asking.begun("held");
    await asking.goOn(id);
    const waiting = await asking.now(id);
    const undo = waiting.waitsFor?.action ?? "";
    expect(waiting).toMatchObject({ state: "waiting", waitsFor: { because: "held" } });
    expect(await giveUp(asking, run)).toBe(id);
    const now = await asking.now(id);
    expect(now).toMatchObject({ state: "given-up", done: 0, left: 2, givenUpBy: bo.email, waitsFor: null });
    expect(now.endedAt).not.toBeNull();
    expect(now.sentence).toBe("bo@acme.example gave it up, 0 of 2 undone; 2 stayed");
    expect(now.steps).toMatchObject([
      { deed: deeds[0], state: "left", undo, why: "it was given up, and its undo, which waited, was cancelled" },
      { deed: deeds[1], state: "left", undo: null, why: "it was given up" },
    ]);
    expect(await asking.hall.get(asking.world.caller, undo)).toMatchObject({
      state: "refused",
      refusal: "cancelled",
      sentence: `cancelled by bo@acme.example: the reversal of its run was given up: ${reason}`,
    });
    for (const deed of deeds) expect(await stateIn(asking, deed)).toBe("done");
    expect(await recorded(asking, id)).toMatchObject([
      {
        person: bo.email,
        run,
        runs: [run],
        askedBy: bo.email,
        reason,
        undone: 0,
        left: 2,
        cancelled: [undo],
        underWay: null,
      },
    ]);
  });

  it("said twice, also at once, is the same, and one deed; nobody goes on with it", async () => {
    const { id, run } = await asking.begun("twice");
    await asking.goOn(id);
    const said = await Promise.all([bo, cy, bo, ana].map((person) => giveUp(asking, run, person)));
    expect(said).toEqual([id, id, id, id]);
    const { givenUpBy } = await asking.now(id);
    expect(await giveUp(asking, run, cy)).toBe(id);
    expect((await asking.now(id)).givenUpBy).toBe(givenUpBy);
    expect(await recorded(asking, id)).toHaveLength(1);
    await asking.goOn(id);
    expect((await asking.now(id)).state).toBe("given-up");
  });

  it("where it stopped is over as well, and another can be asked for, which undoes what stayed", async () => {
    const { id, run, deeds } = await free.begun("stopped");
    await free.base.owner.query("update run_reversal set asked_by = 'gone@acme.example' where id = $1", [id]);
    await free.goOn(id);
    expect((await free.now(id)).state).toBe("stopped");
    await giveUp(free, run);
    expect(await free.now(id)).toMatchObject({ state: "given-up", done: 0, left: 2 });
    const next = await again(free, run);
    expect(next).not.toBe(id);
    await free.goOn(next);
    expect(await free.now(next)).toMatchObject({ state: "ended", done: 2, left: 0 });
    for (const deed of deeds) expect(await stateIn(free, deed)).toBe("reversed");
    await expect(giveUp(free, run)).rejects.toMatchObject({
      code: "conflict",
      detail: expect.stringContaining("ended"),
    });
  });

  it("after some of it was undone, here or by itself, tells how many were", async () => {
    const { id, run, deeds } = await free.begun("half", 3);
    const { hall } = free;
    let asked = 0;
    await free.goOn(id, {
      reverse(...args) {
        if (asked++ === 1) throw new Error("it died here");
        return hall.reverse(...args);
      },
    });
    await reverseAction(free.control, ana, deeds[1] ?? "", "this one, in any case");
    await giveUp(free, run);
    const now = await free.now(id);
    expect(now.sentence).toBe("bo@acme.example gave it up, 2 of 3 undone; 1 stayed");
    expect(now.steps).toMatchObject([
      { deed: deeds[0], state: "done", undo: expect.stringMatching(/^act_/), why: null },
      { deed: deeds[1], state: "done", undo: null, why: null },
      { deed: deeds[2], state: "left", undo: null, why: "it was given up" },
    ]);
    expect(await recorded(free, id)).toMatchObject([{ undone: 2, left: 1 }]);
  });

  it("does not take back an undo that somebody asked for by itself", async () => {
    const { id, run, deeds } = await asking.begun("alone", 1);
    const { view } = await reverseAction(asking.control, ana, deeds[0] ?? "", "only this one");
    expect(view.state).toBe("held");
    await asking.goOn(id);
    expect((await asking.now(id)).waitsFor?.action).toBe(view.id);
    await giveUp(asking, run);
    const now = await asking.now(id);
    expect(now).toMatchObject({ state: "given-up", waitsFor: { because: "held", action: view.id } });
    expect(now.sentence).toContain("was asked for by itself, and still waits");
    await lookAndAnswer(asking.control, bo, { action: view.id, verdict: "approve", reason: "go" });
    await until("its end", async () => (await stateIn(asking, view.id)) === "done");
    expect(await asking.now(id)).toMatchObject({
      done: 1,
      left: 0,
      waitsFor: null,
      steps: [{ state: "done", why: null }],
    });
  });
});

describe("who may give it up", () => {
  it("is who may ask for it, and nobody for a run that nobody reverses", async () => {
    const { id, run } = await asking.begun("who");
    await expect(giveUp(asking, run, di)).rejects.toMatchObject({ code: "forbidden" });
    expect((await asking.now(id)).state).toBe("going");
    const other = (await openRun(asking.control, bo, { agent: asking.world.caller.agent })).id;
    await expect(giveUp(asking, other)).rejects.toMatchObject({ code: "not_found" });
    await expect(giveUp(asking, `run_${"0".repeat(26)}`)).rejects.toMatchObject({ code: "not_found" });
    await giveUp(asking, run);
  });

  it("is who may undo all that is left of it, as for asking", async () => {
    const { id, run } = await asking.begun("other");
    const dri = { ...ana, roles: ["dri" as const] };
    // What the DRI of another workflow answers for, as far as this one goes: it is in none of theirs.
    await asking.base.owner.query(
      `insert into run_reversal_step (reversal, deed, run, state)
       select $1, subject, $2, 'waiting' from entry where subject like 'gov_%' and workflow is null and step = 0 limit 1`,
      [id, run],
    );
    await expect(giveUp(asking, run, dri)).rejects.toMatchObject({ code: "forbidden" });
    expect((await asking.now(id)).state).toBe("going");
    await asking.base.owner.query("delete from run_reversal_step where reversal = $1 and deed like 'gov_%'", [id]);
    expect(await giveUp(asking, run, dri)).toBe(id);
  });

  it("of a run that is reversed with one above it is said there", async () => {
    const { control, world } = asking;
    const above = (await openRun(control, bo, { agent: world.caller.agent })).id;
    const below = (await openRun(control, bo, { agent: world.caller.agent })).id;
    await asking.base.owner.query("update run set parent = $1 where id = $2", [above, below]);
    await asking.hall.submit(world.caller, call("put", { marker: "below" }, { run: below }));
    const id = await reverseRun(control, bo, { run: above, children: true, leave: [], reason: "all of it" });
    await expect(giveUp(asking, below)).rejects.toMatchObject({
      code: "conflict",
      detail: expect.stringContaining(above),
    });
    expect(await giveUp(asking, above)).toBe(id);
    expect(await openReversal(control.parts.db, [above, below])).toBeUndefined();
  });
});

describe("against whoever goes on with it", () => {
  it("no undo comes to be that was only noted", async () => {
    const { id, run, deeds } = await free.begun("noted");
    const { hall } = free;
    await free.goOn(id, {
      async reverse(...args) {
        await giveUp(free, run);
        return hall.reverse(...args);
      },
    });
    expect(await free.now(id)).toMatchObject({ state: "given-up", done: 0, left: 2, steps: [{ undo: null }, {}] });
    expect(await free.undosOf(run, deeds)).toBe(0);
  });

  it("an undo that was sent is left to end, told until then, and counted where it was done", async () => {
    const { id, run, deeds } = await free.begun("sent");
    let letGo: () => void = () => undefined;
    const isLetGo = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const { control } = free;
    const connector: Connector = {
      ...control.parts.connector,
      async call(...args) {
        await isLetGo;
        return control.parts.connector.call(...args);
      },
    };
    const replica = await free.world.replica({ connector });
    const going = free.goOn(id, { reverse: replica.hall.reverse });
    const undo = await untilFound(async () => {
      const [step] = (await free.now(id)).steps;
      const isSent = step?.undo != null && (await sentTo(free, step.undo));
      return isSent ? (step?.undo ?? undefined) : undefined;
    });
    await giveUp(free, run);
    const told = `\`${undo}\`, the undo of \`${deeds[0]}\`, is under way, and is left to end`;
    const before = await free.now(id);
    expect(before).toMatchObject({
      state: "given-up",
      waitsFor: { because: "running", action: undo, sentence: told },
      steps: [{ undo, state: "left", why: "it was given up while its undo was under way" }, { undo: null }],
    });
    expect(before.sentence).toBe(`bo@acme.example gave it up, 0 of 2 undone; 2 stayed: ${told}`);
    letGo();
    await going;
    expect(await free.now(id)).toMatchObject({
      state: "given-up",
      sentence: "bo@acme.example gave it up, 1 of 2 undone; 1 stayed",
      waitsFor: null,
      steps: [{ undo, state: "done", why: null }, { state: "left" }],
    });
    expect(await free.undosOf(run, deeds)).toBe(1);
    await replica.close();
  });

  it("at any moment: what is told as undone is what was undone, and nothing begins after", async () => {
    for (let at = 0; at < 12; at++) {
      const { id, run, deeds } = await free.begun(`race-${at}`, 4);
      const going = free.goOn(id);
      await sleep(at * 4);
      const given = await giveUp(free, run).catch((thrown: { readonly code?: string }) => thrown.code);
      const begun = await free.undosOf(run, deeds);
      await going;
      const now = await free.now(id);
      // Where all was undone before anybody said it, there was nothing to give up any more.
      expect([now.state, given]).toEqual(given === id ? ["given-up", id] : ["ended", "conflict"]);
      expect(await free.undosOf(run, deeds)).toBe(begun);
      for (const { deed, state } of now.steps)
        expect(state, `${at}`).toBe((await stateIn(free, deed)) === "reversed" ? "done" : "left");
      expect(now.steps.filter(({ undo }) => undo !== null)).toHaveLength(begun ?? -1);
    }
  });

  it("is not gone on with while it is given up, and goes on where whoever did that died", async () => {
    const { id, run } = await free.begun("died");
    const { db, ledger } = free.control.parts;
    const text = `update run_reversal set giving_up = true, claimed_by = $2, fence = fence + 1,
      lease_until = clock_timestamp() + $3 * interval '1 s' where id = $1`;
    await free.base.owner.query(text, [id, ledger.writer(), 30]);
    expect(await claimReversal(db, id, ledger.writer(), 30_000)).toBeUndefined();
    await free.base.owner.query(text, [id, ledger.writer(), -1]);
    await free.goOn(id);
    expect(await free.now(id)).toMatchObject({ state: "ended", done: 2 });
    await expect(giveUp(free, run)).rejects.toMatchObject({ code: "conflict" });
  });
});

async function sentTo({ base }: Reversing, undo: string): Promise<boolean> {
  const text = "select 1 from entry where subject = $1 and to_state = 'running'";
  return (await base.owner.query(text, [undo])).rows.length === 1;
}

async function untilFound<T>(look: () => Promise<T | undefined>): Promise<T> {
  let found: T | undefined;
  await until("it is found", async () => {
    found = await look();
    return found !== undefined;
  });
  if (found === undefined) throw new Error("nothing was found");
  return found;
}
