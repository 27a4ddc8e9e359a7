import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bo } from "../../../../test/faults/workspace.ts";
import { call, openWorld, type World } from "../../../../test/faults/world.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../../../../test/support/database.ts";
import type { OpenHall } from "../action/index.ts";
import type { Control } from "./control.ts";
import { goOnReversing } from "./go-on-reversing.ts";
import { openRun, readReversal, reverseRun } from "./index.ts";
import { claimReversal, setStep } from "./run-reversal-sql.ts";

let base: TestDatabase;
let world: World;
beforeAll(async () => {
  base = await openTestDatabase();
  // Nobody goes on with a reversal by itself here.
  await base.owner.query(`create function keep_off() returns trigger language plpgsql as
    $$ begin new.look_at = 'infinity'; return new; end $$`);
  await base.owner.query(
    "create trigger keep_off before insert or update on run_reversal for each row execute function keep_off()",
  );
  world = await openWorld({ databaseUrl: base.url, databaseAdminUrl: urlOf(base.ownerAt) });
});
afterAll(async () => {
  await world?.close();
  await base?.close();
});

/** A reversal of a run that put this many things. */
async function begun(prefix: string, count = 2) {
  const { control, hall } = world.base;
  const run = (await openRun(control, bo, { agent: world.caller.agent })).id;
  const deeds: string[] = [];
  for (let at = 0; at < count; at++) {
    const { view } = await hall.submit(world.caller, call("put", { marker: `${prefix}-${at}` }, { run }));
    expect(view.state).toBe("done");
    deeds.push(view.id);
  }
  const id = await reverseRun(control, bo, { run, children: false, leave: [], reason: "the brief was wrong" });
  return { id, run, deeds: deeds.toReversed() };
}

const goOn = (id: string, hall: Partial<OpenHall> = {}) => {
  const { control } = world.base;
  const instead: Control = { ...control, hall: { ...control.hall, ...hall } };
  return goOnReversing(instead, id, () => false);
};
const now = (id: string) => readReversal(world.base.control, { id }, { limit: 200 });
const undosOf = async (run: string, deeds: readonly string[]) =>
  (
    await base.owner.query<{ n: number }>(
      "select count(*)::int as n from entry where run = $1 and step = 0 and subject like 'act_%' and subject <> all($2)",
      [run, deeds],
    )
  ).rows[0]?.n;

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

  it("does nothing of a run that is in another reversal", async () => {
    const { run } = await begun("overlap");
    const { control } = world.base;
    const above = (await openRun(control, bo, { agent: world.caller.agent })).id;
    await base.owner.query("update run set parent = $1 where id = $2", [above, run]);
    const request = { run: above, children: true, leave: [], reason: "all of it" };
    await expect(reverseRun(control, bo, request)).rejects.toMatchObject({ code: "conflict" });
  });
});
