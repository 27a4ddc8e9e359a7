import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bo } from "../../../../test/faults/workspace.ts";
import { call } from "../../../../test/faults/world.ts";
import type { OpenHall } from "../action/index.ts";
import { openRun, reverseRun } from "./index.ts";
import { openReversing, type Reversing } from "./reversing.fixture.ts";
import { claimReversal, newestReversal, setStep } from "./run-reversal-sql.ts";

let stage: Reversing;
let base: Reversing["base"];
let world: Reversing["world"];
beforeAll(async () => {
  stage = await openReversing();
  ({ base, world } = stage);
});
afterAll(async () => stage?.close());

const begun: Reversing["begun"] = (...args) => stage.begun(...args);
const goOn: Reversing["goOn"] = (...args) => stage.goOn(...args);
const now: Reversing["now"] = (id) => stage.now(id);
const undosOf: Reversing["undosOf"] = (...args) => stage.undosOf(...args);

describe("whoever goes on with a reversal", () => {
  it("finds the undo that somebody asked for who died before they noted how it went, and asks for no other", async () => {
    const { id, run, deeds } = await begun("noted");
    const { hall } = world.base;
    let asked = 0;
    await goOn(id, {
      async reverse(...args) {
        await hall.reverse(...args);
        asked++;
        throw new Error("it died here");
      },
    });
    expect(asked).toBe(1);
    expect(await now(id)).toMatchObject({ state: "waiting", done: 0, waitsFor: { because: "unavailable" } });
    await goOn(id);
    expect(await now(id)).toMatchObject({ state: "ended", done: 2 });
    expect(await undosOf(run, deeds)).toBe(2);
  });

  it("asks for the undo under the id that was noted where whoever noted it died before they asked", async () => {
    const { id, deeds } = await begun("asked");
    await goOn(id, {
      reverse() {
        throw new Error("it died here");
      },
    });
    const [first] = (await now(id)).steps;
    expect(first).toMatchObject({ deed: deeds[0], state: "waiting", undo: expect.stringMatching(/^act_/) });
    await goOn(id);
    expect((await now(id)).steps[0]).toMatchObject({ deed: deeds[0], state: "done", undo: first?.undo });
  });

  it("changes nothing any more where another has it by now", async () => {
    const { id, deeds } = await begun("fenced");
    const { db, ledger } = world.base.control.parts;
    const mine = await claimReversal(db, id, ledger.writer(), -1000);
    const theirs = await claimReversal(db, id, "wrt_other", 30_000);
    expect([mine, theirs].every((row) => row !== undefined)).toBe(true);
    if (mine === undefined || theirs === undefined) return;
    expect(await claimReversal(db, id, ledger.writer(), 30_000)).toBeUndefined();
    const undo = deeds[1] ?? "";
    expect(await setStep(db, mine, deeds[0] ?? "", { undo })).toBe(false);
    expect(await setStep(db, theirs, deeds[0] ?? "", { undo })).toBe(true);
  });

  it("waits where the budget of a minute is used up, with another undo for the next time", async () => {
    const { id } = await begun("budget");
    const { hall } = world.base;
    const refused = (sentence: string): Partial<OpenHall> => ({
      async reverse(caller, deed, reason, as) {
        const { view } = await hall.reverse(caller, deed, reason, as);
        return { view: { ...view, state: "refused", refusal: "budget", sentence } };
      },
    });
    const early: Partial<OpenHall> = {
      reverse: async (_caller, deed, _reason, as) => ({
        view: {
          ...(await hall.get(world.caller, deed)),
          id: as ?? "",
          state: "refused",
          refusal: "budget",
          sentence: "the budget of 60 calls in a minute is used up for this workflow",
        },
      }),
    };
    await goOn(id, early);
    const waits = await now(id);
    expect(waits).toMatchObject({ state: "waiting", done: 0, waitsFor: { because: "budget" } });
    expect(waits.steps[0]?.undo).toBeNull();
    await goOn(id);
    expect(await now(id)).toMatchObject({ state: "ended", done: 2 });
    const other = await begun("budget-run");
    await goOn(other.id, refused("the budget of 200 calls in a run is used up for this run"));
    expect(await now(other.id)).toMatchObject({ state: "stopped" });
  });

  it("stops where whoever asked may not undo it any more", async () => {
    const { id, deeds } = await begun("left");
    await base.owner.query("update run_reversal set asked_by = 'gone@acme.example' where id = $1", [id]);
    await goOn(id);
    expect(await now(id)).toMatchObject({
      state: "stopped",
      waitsFor: {
        because: "forbidden",
        action: deeds[0],
        sentence: expect.stringContaining("no longer in the workspace"),
      },
    });
  });

  it("opens what it read once, and of what it knows nothing, under a lease that is new each time", async () => {
    const { id, deeds } = await begun("looks", 3, { looks: 2 });
    const opened: string[] = [];
    const leases: boolean[] = [];
    const { hall } = world.base;
    const late: Partial<OpenHall> = {
      async get(...args) {
        // As if all before the look had taken long.
        await base.owner.query("update run_reversal set lease_until = clock_timestamp() where id = $1", [id]);
        return hall.get(...args);
      },
    };
    await goOn(id, late, async (text, values) => {
      if (text.includes("left join subject_key")) opened.push(...((values as [string[]])[0] ?? []));
      if (!text.includes("a.state not in")) return;
      const lease = "select lease_until > clock_timestamp() as held from run_reversal where id = $1";
      leases.push((await base.owner.query<{ held: boolean }>(lease, [id])).rows[0]?.held === true);
    });
    expect(await now(id)).toMatchObject({ state: "ended", done: 3 });
    expect(opened).toHaveLength(2);
    expect(opened.some((one) => deeds.includes(one))).toBe(false);
    expect(leases).toEqual([true, true, true]);
  });

  it("stops where a run opened under it since acted, and takes that in where somebody asks again", async () => {
    const { id, run, deeds } = await begun("children", 2, { children: true });
    const { control, hall } = world.base;
    const child = (await openRun(control, bo, { agent: world.caller.agent })).id;
    await base.owner.query("update run set parent = $1 where id = $2", [run, child]);
    const { view } = await hall.submit(world.caller, call("put", { marker: "children-late" }, { run: child }));
    await goOn(id);
    expect(await now(id)).toMatchObject({
      state: "stopped",
      done: 0,
      waitsFor: { because: "arrived", action: view.id },
    });
    // Also where whoever asks does not say so again.
    await reverseRun(control, bo, { run, children: false, leave: [], reason: "go on" });
    await goOn(id);
    const ended = await now(id);
    expect(ended).toMatchObject({ state: "ended", done: 3, children: true, runs: [run, child] });
    expect(ended.steps.map(({ deed }) => deed)).toEqual([view.id, ...deeds]);
  });

  it("leaves a run opened under it alone where those were not asked for", async () => {
    const { id, run } = await begun("alone", 1);
    const { control, hall } = world.base;
    const child = (await openRun(control, bo, { agent: world.caller.agent })).id;
    await base.owner.query("update run set parent = $1 where id = $2", [run, child]);
    await hall.submit(world.caller, call("put", { marker: "alone-child" }, { run: child }));
    await goOn(id);
    expect(await now(id)).toMatchObject({ state: "ended", done: 1, children: false });
  });

  it("keeps nothing and takes no run in that is named while it goes on: that is refused, with what to do", async () => {
    const { id, run, deeds } = await begun("named");
    const { control } = world.base;
    const ask = (more: { readonly children?: boolean; readonly leave?: readonly string[] }) =>
      reverseRun(control, bo, { run, children: false, leave: [], reason: "go on", ...more });
    await expect(ask({ leave: [deeds[1] ?? ""] })).rejects.toMatchObject({
      code: "conflict",
      detail: expect.stringContaining(deeds[1] ?? ""),
      help: expect.stringContaining("so that it stops, and ask again"),
    });
    expect(await ask({ children: true })).toBe(id);
    const child = (await openRun(control, bo, { agent: world.caller.agent })).id;
    await base.owner.query("update run set parent = $1 where id = $2", [run, child]);
    await expect(ask({ children: true })).rejects.toMatchObject({
      code: "conflict",
      detail: expect.stringContaining(child),
    });
    expect(await ask({})).toBe(id);
  });

  it("is found by any of its runs through an index", async () => {
    const plan = await base.owner.transaction(async (tx) => {
      await tx.query("set local enable_seqscan = off");
      const rows: string[] = [];
      const explaining = {
        async query(text: string, values: readonly unknown[]) {
          const said = await tx.query<{ "QUERY PLAN": string }>(`explain ${text}`, values);
          rows.push(...said.rows.map((row) => row["QUERY PLAN"]));
          return { rows: [], rowCount: 0 };
        },
      };
      await newestReversal(explaining as never, "run_x");
      return rows.join("\n");
    });
    expect(plan).toContain("run_reversal_runs");
    expect(plan).not.toContain("Seq Scan");
  });

  it("does nothing of a run that is in another reversal", async () => {
    const { run } = await begun("overlap");
    const { control } = world.base;
    const above = (await openRun(control, bo, { agent: world.caller.agent })).id;
    await base.owner.query("update run set parent = $1 where id = $2", [above, run]);
    const request = { run: above, children: true, leave: [], reason: "all of it" };
    await expect(reverseRun(control, bo, request)).rejects.toMatchObject({ code: "conflict" });
  });
});
