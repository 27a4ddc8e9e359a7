import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openTestDatabase, type TestDatabase } from "../../../../test/support/database.ts";
import {
  endGrant,
  endGrantsOf,
  type GrantValues,
  grantRow,
  insertGrant,
  listGrants,
  openGrants,
  standingGrants,
  takeUses,
} from "./sql.ts";

let base: TestDatabase;
beforeAll(async () => {
  base = await openTestDatabase();
});
afterAll(() => base.close());
beforeEach(() => base.owner.query("delete from approval_grant"));

const hourMs = 3_600_000;
const kind = { workflow: "support", tool: "orders.refund", agent: "robot" };
const values: GrantValues = {
  ...kind,
  ...{ id: "grt_1", approval: "act_1", person: "bo@acme.com", vouchedBy: ["acme"], groups: ["leads", "support"] },
  ...{ capacity: "as one of `leads`", uses: 2, forMs: hourMs },
  policies: [{ policy: "refunds", policyDigest: "sha256:p", from: "leads" }],
};
const give = (id: string, more: Partial<GrantValues> = {}) => insertGrant(base.db, { ...values, id, ...more });
const lapse = (id: string, ago = "1 minute") =>
  base.owner.query(
    `update approval_grant set until = clock_timestamp() - $2::interval,
       given_at = clock_timestamp() - $2::interval - interval '1 hour' where id = $1`,
    [id, ago],
  );
const idsOf = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id);
const revoked = { ended: "revoked", by: "ana@acme.com", because: "no longer needed" } as const;

describe("a grant", () => {
  it("is kept as it was given, until its time is over", async () => {
    await give("grt_1");
    const row = await grantRow(base.db, "grt_1");
    const { vouchedBy, forMs, ...same } = values;
    expect(row).toEqual({
      ...same,
      ...{ vouched_by: vouchedBy, used: 0, ended: null, ended_at: null, ended_by: null, ended_because: null },
      ...{ is_over: false, given_at: expect.any(String), until: expect.any(String) },
    });
    for (const moment of [row?.given_at, row?.until])
      expect(moment).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    const lasts = Date.parse(row?.until ?? "") - Date.parse(row?.given_at ?? "");
    expect(Math.abs(lasts - forMs)).toBeLessThan(5_000);
    await lapse("grt_1");
    expect((await grantRow(base.db, "grt_1"))?.is_over).toBe(true);
    expect(await grantRow(base.db, "grt_2")).toBeUndefined();
  });

  it("stands for its workflow, tool and agent, what ends first first", async () => {
    await give("grt_1", { forMs: 2 * hourMs });
    await give("grt_2");
    for (const [at, other] of [{ workflow: "sales" }, { tool: "orders.drop" }, { agent: "other" }].entries())
      await give(`grt_other${at}`, other);
    expect(idsOf(await standingGrants(base.db, kind))).toEqual(["grt_2", "grt_1"]);
  });

  it("stands no more once it is over, ended or used up", async () => {
    for (const id of ["grt_1", "grt_2", "grt_3", "grt_4"]) await give(id);
    await lapse("grt_1");
    await endGrant(base.db, "grt_2", revoked);
    for (const _ of [1, 2]) expect(await takeUses(base.db, ["grt_3"])).toBe(true);
    expect(idsOf(await standingGrants(base.db, kind))).toEqual(["grt_4"]);
    expect(idsOf(await openGrants(base.db))).toEqual(["grt_4"]);
  });

  it("counts each use, of several all or none", async () => {
    await give("grt_1");
    await give("grt_2", { uses: 1 });
    const used = async () => [(await grantRow(base.db, "grt_1"))?.used, (await grantRow(base.db, "grt_2"))?.used];
    expect(await takeUses(base.db, ["grt_1", "grt_2"])).toBe(true);
    expect(await used()).toEqual([1, 1]);
    expect(await takeUses(base.db, ["grt_1", "grt_2"])).toBe(false);
    expect(await takeUses(base.db, ["grt_1", "grt_9"])).toBe(false);
    expect(await used()).toEqual([1, 1]);
    expect(await takeUses(base.db, ["grt_1"])).toBe(true);
    expect(await used()).toEqual([2, 1]);
    expect(await takeUses(base.db, ["grt_1"])).toBe(false);
  });

  it("is used as often as it may be, however many ask at once", async () => {
    await give("grt_1", { uses: 3 });
    const taken = await Promise.all(
      Array.from({ length: 8 }, () => base.db.transaction((tx) => takeUses(tx, ["grt_1"]))),
    );
    expect(taken.filter(Boolean)).toHaveLength(3);
    expect((await grantRow(base.db, "grt_1"))?.used).toBe(3);
  });

  it("is ended once, and says by whom and why", async () => {
    await give("grt_1");
    await give("grt_2");
    expect(await endGrant(base.db, "grt_1", revoked)).toBe(true);
    expect(await grantRow(base.db, "grt_1")).toMatchObject({
      ...{
        ended: "revoked",
        ended_by: "ana@acme.com",
        ended_because: "no longer needed",
        ended_at: expect.any(String),
      },
    });
    expect(await endGrant(base.db, "grt_1", { ...revoked, ended: "void" })).toBe(false);
    await lapse("grt_2");
    expect(await endGrant(base.db, "grt_2", revoked)).toBe(false);
    expect(await endGrant(base.db, "grt_3", revoked)).toBe(false);
    expect(await grantRow(base.db, "grt_2")).toMatchObject({ ended: null, ended_by: null });
  });

  it("ends with the person who gave it", async () => {
    await give("grt_1");
    await give("grt_2", { person: "cy@acme.com" });
    await give("grt_3");
    await endGrant(base.db, "grt_3", revoked);
    await endGrantsOf(base.db, "bo@acme.com", "the directory", "they left");
    expect(await grantRow(base.db, "grt_1")).toMatchObject({
      ...{ ended: "void", ended_by: "the directory", ended_because: "they left" },
    });
    expect(await grantRow(base.db, "grt_2")).toMatchObject({ ended: null });
    expect(await grantRow(base.db, "grt_3")).toMatchObject({ ended: "revoked", ended_by: "ana@acme.com" });
  });
});

describe("the list of grants", () => {
  it("has what stands before what ended within a day, each the newest first", async () => {
    for (const id of ["grt_1", "grt_2", "grt_3", "grt_4", "grt_5"]) await give(id);
    await endGrant(base.db, "grt_4", revoked);
    await lapse("grt_5", "25 hours");
    expect(idsOf(await listGrants(base.db, 10))).toEqual(["grt_3", "grt_2", "grt_1", "grt_4"]);
    expect(idsOf(await listGrants(base.db, 2))).toEqual(["grt_3", "grt_2"]);
  });
});
