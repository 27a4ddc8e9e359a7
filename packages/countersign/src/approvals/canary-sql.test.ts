import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openTestDatabase, type TestDatabase } from "../../../../test/support/database.ts";
import {
  answerCanary,
  answeredCanaries,
  type CanaryValues,
  canariesOfOther,
  countCanaries,
  countCanariesOfOther,
  dropCanaries,
  dropCanary,
  endedCanaries,
  freezeSeeded,
  insertCanary,
  openCanaries,
  openCanary,
  replaceCanaryKey,
  thawSeeded,
  unansweredCanaries,
} from "./canary-sql.ts";

let base: TestDatabase;
beforeAll(async () => {
  base = await openTestDatabase();
});
afterAll(() => base.close());
beforeEach(() => base.owner.query("delete from canary"));

const hourMs = 3_600_000;
const bo = "bo@acme.com";
const values: CanaryValues = {
  ...{ id: "act_1", person: bo, origin: "act_0", shape: "everything", agent: "robot", workflow: "support" },
  ...{ server: "orders", tool: "refund", target: "order 1", environment: "production", risk_rank: 1, size: 900 },
  ...{ wrapped: Buffer.from("01aabbccdd02", "hex"), sealed: Buffer.from("sealed"), inMs: -hourMs, openMs: 2 * hourMs },
};
const plant = (id: string, more: Partial<CanaryValues> = {}) => insertCanary(base.db, { ...values, id, ...more });
const idsOf = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id);
const approve = (id: string, person = bo) =>
  answerCanary(base.db, { id, person, verdict: "approve", reason: "fine", dwell_ms: 1_200 });
const answeredAgo = (id: string, ago: string) =>
  base.owner.query("update canary set answered_at = clock_timestamp() - $2::interval where id = $1", [id, ago]);

describe("a seeded request", () => {
  it("waits as it was planted, from its moment until its end", async () => {
    await plant("act_1");
    const row = await openCanary(base.db, bo, "act_1");
    const { inMs, openMs, ...same } = values;
    expect(row).toEqual({
      ...same,
      ...{ verdict: null, reason: null, dwell_ms: null, answered_at: null, frozen_at: null },
      ...{ opened_at: expect.any(String), expires_at: expect.any(String) },
    });
    expect(Math.abs(Date.parse(row?.opened_at ?? "") - Date.now() - inMs)).toBeLessThan(60_000);
    expect(Date.parse(row?.expires_at ?? "") - Date.parse(row?.opened_at ?? "")).toBe(openMs);
  });

  it("waits for its person only, and neither before its moment nor after its end", async () => {
    await plant("act_1", { inMs: -60_000 });
    await plant("act_2");
    await plant("act_3", { inMs: hourMs });
    await plant("act_4", { inMs: -3 * hourMs });
    await plant("act_5", { person: "ana@acme.com" });
    expect(idsOf(await openCanaries(base.db, bo))).toEqual(["act_2", "act_1"]);
    for (const id of ["act_3", "act_4", "act_5"]) expect(await openCanary(base.db, bo, id)).toBeUndefined();
    expect(await countCanaries(base.db, bo)).toBe(3);
    expect(await countCanaries(base.db, "cy@acme.com")).toBe(0);
  });

  it("is answered once, by its person, while it waits", async () => {
    await plant("act_1");
    await plant("act_2", { inMs: hourMs });
    expect(await approve("act_1", "ana@acme.com")).toBe(false);
    expect(await approve("act_2")).toBe(false);
    expect(await approve("act_1")).toBe(true);
    expect(await answerCanary(base.db, { id: "act_1", person: bo, verdict: "deny", reason: "no", dwell_ms: 1 })).toBe(
      false,
    );
    expect(await openCanaries(base.db, bo)).toEqual([]);
    expect(await countCanaries(base.db, bo)).toBe(1);
    const [row, ...more] = await answeredCanaries(base.db, bo, {}, 10);
    expect(more).toEqual([]);
    expect(row).toMatchObject({ id: "act_1", verdict: "approve", reason: "fine", dwell_ms: 1_200 });
    expect(Math.abs(Date.parse(row?.answered_at ?? "") - Date.now())).toBeLessThan(60_000);
  });

  it("is told page by page once it was answered, the newest first", async () => {
    for (const id of ["act_1", "act_2", "act_3", "act_4"]) await plant(id);
    await plant("act_5", { person: "ana@acme.com" });
    for (const id of ["act_1", "act_2", "act_3"]) await approve(id);
    await approve("act_5", "ana@acme.com");
    await answeredAgo("act_1", "3 minutes");
    await base.owner.query(
      "update canary set answered_at = (select answered_at from canary where id = 'act_1') where id = 'act_2'",
    );
    const [first, second] = await answeredCanaries(base.db, bo, {}, 2);
    expect(idsOf([first, second].flatMap((row) => row ?? []))).toEqual(["act_3", "act_2"]);
    const before = { at: second?.answered_at ?? "", action: second?.id ?? "" };
    expect(idsOf(await answeredCanaries(base.db, bo, { before }, 2))).toEqual(["act_1"]);
  });

  it("has ended once it was answered, or not in time", async () => {
    await plant("act_1");
    await plant("act_2", { inMs: -4 * hourMs });
    await plant("act_3");
    await plant("act_4", { inMs: -5 * hourMs });
    await plant("act_5", { person: "ana@acme.com", inMs: -4 * hourMs });
    await approve("act_1");
    expect(idsOf(await endedCanaries(base.db, bo, 10))).toEqual(["act_1", "act_2", "act_4"]);
    expect(idsOf(await endedCanaries(base.db, bo, 2))).toEqual(["act_1", "act_2"]);
  });

  it("does not lapse while it is frozen, and has as much time left after as before", async () => {
    await plant("act_1");
    await plant("act_2", { inMs: hourMs });
    await plant("act_3", { inMs: -4 * hourMs });
    await plant("act_4", { inMs: 9 * hourMs });
    await freezeSeeded(base.db, ["act_1", "act_2", "act_3", "act_4"]);
    expect(idsOf(await unansweredCanaries(base.db, false))).toEqual(["act_1", "act_2", "act_4"]);
    // Five hours later.
    const ago = (column: string) => `${column} = ${column} - interval '5 hours'`;
    await base.owner.query(`update canary set ${["opened_at", "expires_at", "frozen_at"].map(ago).join()}`);
    expect(idsOf(await openCanaries(base.db, bo))).toEqual(["act_1", "act_2"]);
    expect(idsOf(await endedCanaries(base.db, bo, 10))).toEqual(["act_3"]);
    expect(await countCanaries(base.db, bo)).toBe(3);
    await thawSeeded(base.db, ["act_1", "act_2", "act_3", "act_4"]);
    await thawSeeded(base.db, ["act_1"]);
    expect(await unansweredCanaries(base.db, true)).toEqual([]);
    const left = async (id: string) => {
      const { rows } = await base.owner.query<{ opened: number; left: number }>(
        `select round(extract(epoch from opened_at - clock_timestamp()) / 60)::int as opened,
           round(extract(epoch from expires_at - clock_timestamp()) / 60)::int as left from canary where id = $1`,
        [id],
      );
      return rows[0];
    };
    expect(await left("act_1")).toEqual({ opened: -360, left: 60 });
    expect(await left("act_2")).toEqual({ opened: 0, left: 120 });
    expect(await left("act_4")).toEqual({ opened: 240, left: 360 });
    expect(await approve("act_1")).toBe(true);
  });

  it("goes with the action that it was made from, or by itself", async () => {
    for (const [id, origin] of [
      ["act_1", "act_a"],
      ["act_2", "act_b"],
      ["act_3", "act_c"],
      ["act_4", "act_c"],
    ] as const)
      await plant(id, { origin });
    await dropCanaries(base.db, ["act_a", "act_b"]);
    expect(idsOf(await openCanaries(base.db, bo)).sort()).toEqual(["act_3", "act_4"]);
    await dropCanary(base.db, "act_3");
    expect(idsOf(await openCanaries(base.db, bo))).toEqual(["act_4"]);
  });

  it("is found where another key wraps its own, and not once that is replaced", async () => {
    for (const id of ["act_2", "act_1", "act_3"]) await plant(id);
    await plant("act_4", { wrapped: Buffer.from("01eeeeeeee02", "hex") });
    expect(await canariesOfOther(base.db, "eeeeeeee", 2)).toEqual([
      { id: "act_1", wrapped: values.wrapped },
      { id: "act_2", wrapped: values.wrapped },
    ]);
    expect(await countCanariesOfOther(base.db, "eeeeeeee")).toBe(3);
    await replaceCanaryKey(base.db, "act_1", Buffer.from("01eeeeeeee03", "hex"));
    expect(idsOf(await canariesOfOther(base.db, "eeeeeeee", 10))).toEqual(["act_2", "act_3"]);
    expect(await countCanariesOfOther(base.db, "aabbccdd")).toBe(2);
    expect((await openCanary(base.db, bo, "act_1"))?.wrapped.toString("hex")).toBe("01eeeeeeee03");
  });
});
