import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fill } from "../../../../bench/fill.ts";
import { ana, bo } from "../../../../test/faults/workspace.ts";
import { call, openWorld, type World } from "../../../../test/faults/world.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../../../../test/support/database.ts";
import { cancelAction } from "../governance/index.ts";
import { eraseTerms } from "../lookup/index.ts";
import { type ActionFilter, listActions } from "./list-actions.ts";
import { listRuns } from "./list-runs.ts";

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

const asked = async (tool: string, marker: string): Promise<string> =>
  (await world.base.hall.submit(world.caller, call(tool, { marker }))).view.id;
const page = (filter: Partial<ActionFilter>) => listActions(world.base.control.parts, ana, { limit: 50, ...filter });
const ids = async (filter: Partial<ActionFilter>): Promise<readonly string[]> =>
  (await page(filter)).actions.map(({ id }) => id);
const askedAt = (id: string) => world.base.hall.get(ana, id).then(({ at }) => at);

describe("a list of actions", () => {
  const old: Record<"refused" | "undone" | "undo" | "held" | "off" | "ran" | "erased", string> = {
    refused: "",
    undone: "",
    undo: "",
    held: "",
    off: "",
    ran: "",
    erased: "",
  };

  beforeAll(async () => {
    const { control, hall, index } = world.base;
    old.refused = await asked("look", "srv/pages/never.md");
    old.undone = await asked("put", "srv/pages/undone.md");
    old.held = await asked("ask_put", "srv/pages/waits.md");
    old.off = await asked("ask_put", "srv/pages/called-off.md");
    await cancelAction(control, bo, old.off, "not now");
    old.undo = (await hall.reverse(bo, old.undone, "not so")).view.id;
    old.erased = await asked("remove", "srv/pages/forgotten.md");
    await index.catchUp();
    await control.parts.db.transaction((tx) => eraseTerms(tx, [old.erased]));
    await base.owner.query(`insert into erasure (subject, deed) values ('${old.erased}', 'gov_of_a_test')`);
    await base.owner.query(`delete from subject_key where subject = '${old.erased}'`);
    old.ran = await asked("put", "ran");
    await fill(world.base, 5_001, undefined, old.ran);
  }, 120_000);

  it("finds what is in a rare state on its first page, however much else was done since", async () => {
    expect(await page({ state: "refused" })).toMatchObject({ actions: [{ id: old.off }, { id: old.refused }] });
    expect(await ids({ state: "reversed" })).toEqual([old.undone]);
    expect(await ids({ state: "held" })).toEqual([old.held]);
    for (const state of ["refused", "reversed", "held", "failed", "unknown", "ready", "running", "received"] as const)
      expect((await page({ state })).next, state).toBeUndefined();
    expect(await ids({ state: "refused", tool: "deeds.look" })).toEqual([old.refused]);
    expect(await ids({ state: "refused", agent: "nobody" })).toEqual([]);
    const first = await page({ state: "refused", limit: 1 });
    expect(first).toMatchObject({ actions: [{ id: old.off }], next: old.off });
    expect(await ids({ state: "refused", before: old.off })).toEqual([old.refused]);
  });

  it("finds the calls of a rare tool by the index, with what was erased, and at once what is not indexed yet", async () => {
    expect(await ids({ tool: "deeds.look" })).toEqual([old.refused]);
    expect(await page({ tool: "deeds.remove" })).toEqual(
      expect.objectContaining({ actions: [old.erased, old.undo].map((id) => expect.objectContaining({ id })) }),
    );
    expect((await page({ tool: "deeds.remove" })).next).toBeUndefined();
    const now = await asked("remove", "srv/pages/now.md");
    expect(await ids({ tool: "deeds.remove" })).toEqual([now, old.erased, old.undo]);
    expect(await ids({ tool: "deeds.remove", limit: 1, before: now })).toEqual([old.erased]);
    expect(await ids({ tool: "deeds.remove", state: "done", before: old.erased })).toEqual([old.undo]);
  });

  it("finds what acted on a target, by all of it or whole words of it", async () => {
    expect(await ids({ target: "srv/pages/undone.md" })).toEqual([old.undo, old.undone]);
    expect(await ids({ target: "undone.md", state: "reversed" })).toEqual([old.undone]);
    expect(await ids({ target: "waits" })).toEqual([old.held]);
    // Another action says it, and did not act on it.
    const other = (await world.base.hall.submit(world.caller, call("put", { marker: "else", value: "waits.md" }))).view;
    expect(other.state).toBe("done");
    expect(await ids({ target: "waits.md" })).toEqual([old.held]);
    expect(await ids({ target: "ndone.md" })).toEqual([]);
    expect(await ids({ target: '"' })).toEqual([]);
  });

  it("finds what people were told of its risk", async () => {
    const { risk } = (await world.base.hall.open(old.held)) ?? {};
    expect(risk).toBeDefined();
    const levels = (["low", "medium", "high"] as const).map((level) => [level, ids({ risk: level })] as const);
    for (const [level, found] of levels) expect(await found).toEqual(level === risk?.level ? [old.off, old.held] : []);
    expect(await ids({ risk: risk?.level ?? "low", state: "refused" })).toEqual([old.off]);
  });

  it("tells an agent nothing by a risk or a target", async () => {
    for (const filter of [{ target: "waits.md" }, { risk: "low" as const }])
      await expect(listActions(world.base.control.parts, world.caller, { limit: 50, ...filter })).rejects.toMatchObject(
        { code: "forbidden" },
      );
  });

  it("is cut to a period by the moment at which each was asked for, and so are runs", async () => {
    const [from, to] = [await askedAt(old.undone), await askedAt(old.off)];
    expect(await ids({ since: from, until: to })).toEqual([old.held, old.undone]);
    expect(await ids({ until: from })).toEqual([old.refused]);
    expect(await ids({ state: "refused", since: from })).toEqual([old.off]);
    expect(await ids({ target: "srv/pages", until: to })).toEqual([old.held, old.undone, old.refused]);
    expect(await ids({ tool: "deeds.look", since: from })).toEqual([]);
    const { parts } = world.base.control;
    const first = (await page({ state: "reversed" })).actions[0]?.run;
    const runs = await listRuns(parts, { since: from, until: to });
    expect(runs).toMatchObject({ runs: [{ id: first, actions: 2, more: true, states: { held: 1, reversed: 1 } }] });
    expect((await listRuns(parts, { until: await askedAt(old.refused) })).runs).toEqual([]);
  });
});
