import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openTestDatabase, type TestDatabase } from "../../../../test/support/database.ts";
import { describeSchema } from "./schema.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await openTestDatabase();
});
afterAll(() => test.close());

it("the committed schema.sql is what the migrations make (else: node scripts/dump-schema.ts)", async () => {
  expect(await describeSchema(test.owner)).toBe(readFileSync(new URL("../../schema.sql", import.meta.url), "utf8"));
});

it("sees a column, a right, an index and a trigger that no migration made", async () => {
  const before = await describeSchema(test.owner);
  for (const change of [
    "alter table entry add column extra text",
    "grant delete on entry to countersign_app",
    "create index extra on entry (extra)",
    "alter table entry disable trigger all",
  ]) {
    const seen = await describeSchema(test.owner);
    await test.owner.query(change);
    expect([change, (await describeSchema(test.owner)) === seen]).toEqual([change, false]);
  }
  expect(before).toContain("table entry (");
});
