import { afterAll, beforeAll, expect, it } from "vitest";
import { openTestDatabase, type TestDatabase } from "../../../../test/support/database.ts";
import { silent } from "../floor/log.ts";
import type { Tx } from "./db.ts";
import { requireDurable } from "./durability.ts";
import { openDb } from "./pool.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await openTestDatabase();
});
afterAll(() => test.close());

const answering = (settings: Record<string, string>): Tx => ({
  query: async <Row>() => {
    const rows = Object.entries(settings).map(([name, setting]) => ({ name, setting }) as Row);
    return { rows, rowCount: rows.length };
  },
});
const good = { fsync: "on", synchronous_commit: "on", full_page_writes: "on", server_version_num: "150000" };

it("accepts a database that syncs what it confirms", async () => {
  await requireDurable(test.db);
});

it("refuses a role that confirms before the disk has it", async () => {
  const url = `${test.url}&options=${encodeURIComponent("-c synchronous_commit=off")}`;
  const db = openDb(url, { log: silent });
  await expect(requireDurable(db)).rejects.toMatchObject({
    code: "unavailable",
    detail: expect.stringContaining("synchronous_commit off"),
    help: expect.stringContaining("synchronous_commit = on"),
  });
  await db.close();
});

it.each(["fsync", "full_page_writes", "synchronous_commit"])("refuses %s off", async (name) => {
  await requireDurable(answering(good));
  await expect(requireDurable(answering({ ...good, [name]: "off" }))).rejects.toMatchObject({ code: "unavailable" });
  const { [name]: _, ...without } = good as Record<string, string>;
  await expect(requireDurable(answering(without))).rejects.toMatchObject({ code: "unavailable" });
});

it("refuses a version before 15", async () => {
  await expect(requireDurable(answering({ ...good, server_version_num: "140012" }))).rejects.toMatchObject({
    detail: expect.stringContaining("postgres 14"),
  });
});
