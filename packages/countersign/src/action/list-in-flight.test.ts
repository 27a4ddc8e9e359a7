import { afterAll, beforeAll, expect, it } from "vitest";
import { bo, cy } from "../../../../test/faults/workspace.ts";
import { call, openWorld, until, type World } from "../../../../test/faults/world.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../../../../test/support/database.ts";
import type { Answer } from "../execution/connector.ts";
import { lift, readStop, stop } from "../governance/index.ts";
import type { Stop, StopScope } from "../stop/index.ts";
import { listInFlight } from "./list-in-flight.ts";
import type { InFlight } from "./parts.ts";

let base: TestDatabase;
let world: World;
beforeAll(async () => {
  base = await openTestDatabase();
  world = await openWorld({ databaseUrl: base.url, databaseAdminUrl: urlOf(base.ownerAt), timeoutMs: 60_000 });
});
afterAll(async () => {
  await world?.close();
  await base?.close();
});

const stopOf = (scope: StopScope, name: string): Stop => ({
  ...{ id: "stp_0", scope, name, reason: "a test", by: bo.email, vouchedBy: [] },
  ...{ takenAt: new Date(0).toISOString(), untilMs: null },
});

/** A replica with one call on the wire; what it was given, and how it ends. */
async function sendElsewhere(marker: string) {
  let end: (answer: Answer) => void = () => undefined;
  let action = "";
  const replica = await world.replica({
    connector: {
      call: (dispatch) => {
        action = dispatch.actionId;
        return new Promise((resolve) => {
          end = resolve;
        });
      },
    },
  });
  const asked = replica.hall.submit(world.caller, call("put", { marker }));
  await until("the call", () => action !== "");
  return {
    action,
    replica,
    async answer() {
      end({ kind: "answered", result: { content: [] } });
      await asked;
    },
  };
}

it("a stop's report lists what another replica has on its way, where it is of the stop's scope", async () => {
  const { control } = world.base;
  const { action, answer } = await sendElsewhere("elsewhere-1");
  expect([...control.parts.inFlight.keys()]).not.toContain(action);
  // How long it is willing to wait is another test's matter.
  const patient = { ...control, parts: { ...control.parts, listMs: 20_000 } };
  const reported = async (scope: StopScope, name: string) => {
    const report = await stop(patient, bo, { scope, name, reason: "it looks odd" });
    const shown = await readStop(control, bo, report.stop.id);
    await lift(control, cy, report.stop.id, "it was nothing");
    expect([report.inFlightIsWhole, shown.inFlightIsWhole]).toEqual([true, true]);
    expect(shown.inFlight.map((one) => one.action)).toEqual(report.inFlight.map((one) => one.action));
    return report.inFlight;
  };
  const mine = { action, tool: "deeds.put", agent: world.caller.agent };
  const [system = ""] = control.keeper.loaded().catalog.systems("deeds");
  for (const [scope, name] of [
    ["agent", world.caller.agent],
    ["workflow", world.caller.workflow],
    ["tool", "deeds.put"],
    ["tool", "deeds"],
    ["system", system],
    ["everything", "*"],
  ] as const)
    expect(await reported(scope, name), scope).toEqual([mine]);
  expect(await reported("tool", "deeds.look")).toEqual([]);
  await answer();
  expect(await reported("everything", "*")).toEqual([]);
});

it("of a server that acts in several systems, a call counts for the one that its record names", async () => {
  const parts = { ...world.base.control.parts, listMs: 20_000 };
  const { action, answer } = await sendElsewhere("elsewhere-2");
  const [system = ""] = world.base.control.keeper.loaded().catalog.systems("deeds");
  const listed = async (name: string) =>
    (await listInFlight(parts, stopOf("system", name), () => [system, "another"])).inFlight.map((one) => one.action);
  expect(await listed(system)).toEqual([action]);
  expect(await listed("another")).toEqual([]);
  expect(await listed("a third")).toEqual([]);
  await answer();
});

it("where the ledger does not answer, a stop is not kept waiting, and its list says that it is not whole", async () => {
  const { action, answer, replica } = await sendElsewhere("elsewhere-3");
  const everything = stopOf("everything", "*");
  for (const transaction of [
    () => new Promise<never>(() => undefined),
    () => Promise.reject(new Error("the database is away")),
  ]) {
    const deaf = { ...replica.parts, db: { ...replica.parts.db, transaction } };
    const { inFlight, isWhole } = await listInFlight(deaf, everything, () => []);
    expect([inFlight.map((one) => one.action), isWhole]).toEqual([[action], false]);
  }
  await answer();
});

it("what this replica sends while the ledger is being read is on the list", async () => {
  const { action, answer, replica } = await sendElsewhere("elsewhere-4");
  const { db, inFlight } = replica.parts;
  const later = new Map<string, InFlight>();
  const transaction: typeof db.transaction = async (work) => {
    const read = await db.transaction(work);
    for (const [id, one] of inFlight) later.set(id, one).set("act_later", one);
    return read;
  };
  const parts = { ...replica.parts, inFlight: later, db: { ...db, transaction }, listMs: 20_000 };
  const listed = async (stop: Stop) => {
    later.clear();
    const seen = await listInFlight(parts, stop, () => []);
    return [...seen.inFlight.map((one) => one.action), seen.isWhole];
  };
  expect(await listed(stopOf("everything", "*"))).toEqual([action, "act_later", true]);
  expect(await listed(stopOf("agent", "another"))).toEqual([true]);
  await answer();
});

it("what this replica sends while a stop is being written is in its report, and not in its record", async () => {
  const { control } = world.base;
  const on = { agent: world.caller.agent, workflow: world.caller.workflow, tool: "deeds.put", system: "deeds" };
  const flying = { ...on, sinceMs: 0, abort: new AbortController() };
  const { inFlight } = control.parts;
  const sending: typeof control = {
    ...control,
    endedBy: () => {
      inFlight.set("act_later", flying).set("act_other", { ...flying, agent: "another" });
      return [];
    },
  };
  const report = await stop(sending, bo, { scope: "agent", name: on.agent, reason: "it looks odd" });
  for (const id of ["act_later", "act_other"]) inFlight.delete(id);
  const shown = await readStop(control, bo, report.stop.id);
  await lift(control, cy, report.stop.id, "it was nothing");
  expect(report.inFlight).toEqual([{ action: "act_later", tool: on.tool, agent: on.agent }]);
  expect(shown.inFlight).toEqual([]);
});

it("reads few records at once to find a system, and none once its time is over", async () => {
  const { parts } = world.base.control;
  const intents = Array.from({ length: 300 }, (_, at) => ({
    ...{ action: `act_${at}`, agent: "robot", workflow: "support", tool: "deeds.put" },
  }));
  const seen = { now: 0, most: 0, all: 0 };
  const query = async () => {
    seen.all++;
    seen.most = Math.max(seen.most, ++seen.now);
    await new Promise((resolve) => setTimeout(resolve, 40));
    seen.now--;
    return { rows: [], rowCount: 0 };
  };
  const db = { ...parts.db, query, transaction: () => Promise.resolve(intents) } as unknown as typeof parts.db;
  const { inFlight, isWhole } = await listInFlight({ ...parts, db }, stopOf("system", "one"), () => ["one", "another"]);
  expect([inFlight, isWhole]).toEqual([[], false]);
  await until("the last read", () => seen.now === 0);
  const { all } = seen;
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect([seen.most, seen.all]).toEqual([4, all]);
  expect(all).toBeLessThan(intents.length);
});
