import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestDatabase, type TestDatabase } from "../../../../test/support/database.ts";
import { openAlert } from "../action/alert-sql.ts";
import { silent } from "../floor/log.ts";
import { raiseAlerts } from "./raise-alerts.ts";
import { openAlerts } from "./sql.ts";

let base: TestDatabase;
beforeAll(async () => {
  base = await openTestDatabase();
});
afterAll(() => base.close());

const fine = { leading: true, size: 0, alarm: null, anchors: [{ name: "file", size: 0, fault: null }] };

function control(skewMs: number, people: readonly string[]) {
  const loaded = {
    waivers: [
      { id: "w1", agent: "scribe", workflow: "docs", tier: 2, until: new Date(Date.now() + 86_400_000).toISOString() },
    ],
    workspace: undefined,
    policies: { policies: [] },
    unproven: new Map(),
    directory: {
      agents: new Map([["scribe", { name: "scribe", owner: "ana@acme.example" }]]),
      people: new Map(people.map((person) => [person, {}])),
    },
  };
  const parts = {
    db: base.db,
    log: silent,
    clock: { now: () => Date.now() },
    ledger: { now: () => Date.now(), skewMs: () => skewMs },
    plane: { current: () => ({ limits: () => ({}) }) },
  };
  return { parts, keeper: { loaded: () => loaded } } as never;
}

describe("alerts", () => {
  it("are opened once for what is wrong, and settled when it is over", async () => {
    const known = new Map();
    const stuck = { ...fine, alarm: "a record was changed", anchors: [{ name: "file", size: 0, fault: "disk full" }] };
    await raiseAlerts(control(5_000, []), stuck, known);
    await raiseAlerts(control(5_000, []), stuck, known);
    const open = await openAlerts(base.db);
    expect(open.map((alert) => alert.kind).sort()).toEqual(["anchor", "clock", "log", "orphan", "waiver"]);
    await raiseAlerts(control(10, ["ana@acme.example"]), fine, known);
    expect((await openAlerts(base.db)).map((alert) => alert.kind)).toEqual(["waiver"]);
  });

  it("that were told before a start end with the first look, where it is over", async () => {
    const kinds = async () => (await openAlerts(base.db)).map((alert) => alert.kind);
    for (const kind of ["budget", "orphan", "notice"] as const)
      await openAlert(base.db, `gov_${kind}`, kind, "before", "told before the start");
    await raiseAlerts(control(10, ["ana@acme.example"]), fine, new Map());
    expect(await kinds()).toEqual(["waiver"]);
    // What may be another replica's own is for that one.
    await openAlert(base.db, "gov_clock", "clock", "clock", "told by another");
    await raiseAlerts(control(10, ["ana@acme.example"]), fine, new Map());
    expect((await kinds()).sort()).toEqual(["clock", "waiver"]);
    await base.owner.query("update alert set settled_at = now() where kind = 'clock'");
  });

  it("about what only an observed workflow lets pass end when its rules bite", async () => {
    const open = async () => (await openAlerts(base.db)).filter(({ kind }) => kind === "observed");
    for (const workflow of ["still", "over"]) await openAlert(base.db, `gov_${workflow}`, "observed", workflow, "told");
    const until = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
    const told = control(0, ["ana@acme.example"]) as unknown as { readonly keeper: { loaded(): object } };
    const workflows = [
      { name: "still", mode: { kind: "observe", until }, budget: { alert: 0.8 } },
      { name: "over", mode: { kind: "observe", until: "2020-01-01" }, budget: { alert: 0.8 } },
    ];
    const loaded = { ...told.keeper.loaded(), workspace: { workflows, organisation: { notifications: [] } } };
    await raiseAlerts({ ...told, keeper: { loaded: () => loaded } } as never, fine, new Map());
    expect((await open()).map(({ subject }) => subject)).toEqual(["still"]);
  });

  it("tells of a log that stands still", async () => {
    await base.owner.query("insert into writer (id, host) values ('w', 'test')");
    await base.owner.query(`insert into entry (writer, seq, subject, step, kind, at, recorded_at, leaf, hash, sealed)
      values ('w', 0, 'gov_x', 0, 'read', now(), now() - interval '2 minutes', '', '', '')`);
    await raiseAlerts(control(0, ["ana@acme.example"]), fine, new Map());
    expect((await openAlerts(base.db)).find((alert) => alert.kind === "log")?.sentence).toMatch(
      /no checkpoint for 1[12]\d s/,
    );
  });
});
