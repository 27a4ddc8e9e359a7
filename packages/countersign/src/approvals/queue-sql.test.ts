import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openTestDatabase, type TestDatabase } from "../../../../test/support/database.ts";
import { askedWithin, countWaiting, endAsked, forgetAsked, isTargetKnown, noteAsked, noteTarget } from "./queue-sql.ts";

let base: TestDatabase;
beforeAll(async () => {
  base = await openTestDatabase();
});
afterAll(() => base.close());
beforeEach(() => base.owner.query("delete from asked_approval"));

const hourMs = 3_600_000;
const endedAgo = (action: string, ago: string) =>
  base.owner.query("update asked_approval set ended_at = clock_timestamp() - $2::interval where action = $1", [
    action,
    ago,
  ]);
const askedAgo = (action: string, ago: string) =>
  base.owner.query("update asked_approval set asked_at = clock_timestamp() - $2::interval where action = $1", [
    action,
    ago,
  ]);
const actions = async () =>
  (await base.owner.query<{ action: string }>("select action from asked_approval order by action")).rows.map(
    ({ action }) => action,
  );

describe("a question to people", () => {
  it("is open from when it was asked, and asks whom it asked last", async () => {
    await noteAsked(base.db, "act_1", "support", ["group:leads"]);
    await noteAsked(base.db, "act_1", "sales", ["group:leads", "person:bo"]);
    const [row, ...more] = await askedWithin(base.db, hourMs, 10);
    expect(more).toEqual([]);
    expect(row).toMatchObject({ workflow: "support", asked_from: ["group:leads", "person:bo"], ended_ms: null });
    expect(Math.abs((row?.asked_ms ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  it("ends once, and keeps the moment of that", async () => {
    await noteAsked(base.db, "act_1", "support", ["group:leads"]);
    await noteAsked(base.db, "act_2", "support", ["group:leads"]);
    await endAsked(base.db, "act_1");
    const ended = async () => (await askedWithin(base.db, hourMs, 10)).flatMap(({ ended_ms }) => ended_ms ?? []);
    const [first, ...others] = await ended();
    expect(others).toEqual([]);
    expect(Math.abs((first ?? 0) - Date.now())).toBeLessThan(60_000);
    await endAsked(base.db, "act_1");
    expect(await ended()).toEqual([first]);
  });

  it("is within a window where it was open at some time of it, the newest first", async () => {
    for (const action of ["act_1", "act_2", "act_3"]) await noteAsked(base.db, action, action, []);
    await askedAgo("act_1", "9 hours");
    await askedAgo("act_2", "8 hours");
    await endedAgo("act_2", "30 minutes");
    await endedAgo("act_3", "90 minutes");
    const within = async (ms: number, limit = 10) =>
      (await askedWithin(base.db, ms, limit)).map(({ workflow }) => workflow);
    expect(await within(hourMs)).toEqual(["act_2", "act_1"]);
    expect(await within(2 * hourMs)).toEqual(["act_3", "act_2", "act_1"]);
    expect(await within(2 * hourMs, 2)).toEqual(["act_3", "act_2"]);
  });

  it("is forgotten eight days after its end, and never while it is open", async () => {
    for (const action of ["act_1", "act_2", "act_3"]) await noteAsked(base.db, action, "support", []);
    await askedAgo("act_1", "30 days");
    await endedAgo("act_2", "7 days 23 hours");
    await endedAgo("act_3", "8 days 1 hour");
    await forgetAsked(base.db);
    expect(await actions()).toEqual(["act_1", "act_2"]);
  });

  it("counts for each group or person that it asks, in all workflows or in one", async () => {
    await noteAsked(base.db, "act_1", "support", ["leads", "bo"]);
    await noteAsked(base.db, "act_2", "sales", ["leads"]);
    await noteAsked(base.db, "act_3", "sales", ["leads"]);
    await endAsked(base.db, "act_3");
    expect(await countWaiting(base.db, "leads", undefined)).toBe(2);
    expect(await countWaiting(base.db, "leads", "sales")).toBe(1);
    expect(await countWaiting(base.db, "bo", undefined)).toBe(1);
    expect(await countWaiting(base.db, "bo", "sales")).toBe(0);
    expect(await countWaiting(base.db, "cy", undefined)).toBe(0);
  });
});

it("a target is known once another action was asked about it, and the first stays the first", async () => {
  expect(await isTargetKnown(base.db, "hmac:1", "act_1")).toBe(false);
  await noteTarget(base.db, "hmac:1", "act_1");
  await noteTarget(base.db, "hmac:1", "act_2");
  expect(await isTargetKnown(base.db, "hmac:1", "act_1")).toBe(false);
  expect(await isTargetKnown(base.db, "hmac:1", "act_2")).toBe(true);
  expect(await isTargetKnown(base.db, "hmac:2", "act_2")).toBe(false);
});
