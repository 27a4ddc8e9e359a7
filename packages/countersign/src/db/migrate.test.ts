import { afterEach, describe, expect, it } from "vitest";
import { openTestDatabase, type TestDatabase } from "../../../../test/support/database.ts";
import { digestText } from "../floor/digest.ts";
import { silent } from "../floor/log.ts";
import { sqlStateOf } from "./failure.ts";
import { appendOnlyTables } from "./grants.ts";
import { migrate } from "./migrate.ts";
import { findPending, type Migration, readMigrations } from "./migration.ts";
import { openDb } from "./pool.ts";

const file = (name: string, sql: string): Migration => ({ name, sql, digest: digestText(sql) });
const next = (name: string, sql: string) => [...readMigrations(), file(name, sql)];

const open: TestDatabase[] = [];
async function fresh(): Promise<TestDatabase> {
  const test = await openTestDatabase();
  open.push(test);
  return test;
}
afterEach(async () => {
  for (const test of open.splice(0)) await test.close();
});

describe("migrate", () => {
  it("does nothing twice", async () => {
    const { owner } = await fresh();
    expect(await migrate(owner)).toEqual([]);
  });

  it("applies each file once when several processes start at once", async () => {
    const { owner, ownerAt } = await fresh();
    await owner.query("drop owned by current_user cascade");
    await owner.query("create schema if not exists public");
    const many = [1, 2, 3].map(() => openDb(ownerAt, { log: silent, max: 2 }));
    const applied = await Promise.all(many.map((db) => migrate(db)));
    expect(applied.flat().sort()).toEqual(readMigrations().map(({ name }) => name));
    await Promise.all(many.map((db) => db.close()));
  });

  it("meets every way in which processes that make its own tables at once collide", async () => {
    const { owner, ownerAt } = await fresh();
    const many = Array.from({ length: 8 }, () => openDb(ownerAt, { log: silent, max: 2 }));
    for (let round = 0; round < 60; round++) {
      await owner.query("drop table if exists migration, migration_lock");
      const applied = await Promise.all(many.map((db) => migrate(db, { migrations: [], appRole: null })));
      expect(applied.flat()).toEqual([]);
    }
    await Promise.all(many.map((db) => db.close()));
  });

  it("leaves nothing of a file that fails, and names it", async () => {
    const { owner } = await fresh();
    const files = next("9000-broken.sql", "create table half (id int); select no_such_column from half;");
    await expect(migrate(owner, { migrations: files })).rejects.toMatchObject({
      detail: expect.stringContaining("9000-broken.sql"),
    });
    expect((await owner.query("select to_regclass('half') as half")).rows).toEqual([{ half: null }]);
    expect((await owner.query("select 1 from migration where name = '9000-broken.sql'")).rowCount).toBe(0);
  });

  it("refuses a file that was changed after it had been applied", async () => {
    const { owner } = await fresh();
    await migrate(owner, { migrations: next("9000-a.sql", "create table a (id int)") });
    await expect(migrate(owner, { migrations: next("9000-a.sql", "create table a (id int8)") })).rejects.toMatchObject({
      code: "conflict",
      detail: expect.stringContaining("`9000-a.sql` was changed"),
    });
  });

  it("refuses a database that a newer version has migrated", async () => {
    const { owner } = await fresh();
    await migrate(owner, { migrations: next("9000-a.sql", "create table a (id int)") });
    await expect(migrate(owner)).rejects.toMatchObject({ code: "conflict", help: expect.stringContaining("newer") });
  });
});

describe("findPending", () => {
  it("refuses a file that came late with a lower number", () => {
    const [one, two] = [file("0001-a.sql", "a"), file("0002-b.sql", "b")];
    expect(findPending([one, two], [one])).toEqual([two]);
    expect(() => findPending([one, two], [two])).toThrow("comes before");
  });
});

describe("grants", () => {
  it("gives the application role no way to change or remove a row of an append-only table", async () => {
    const { db, owner } = await fresh();
    const there = await owner.query<{ name: string }>(
      "select relname as name from pg_class where relname = any($1) and relkind in ('r', 'p')",
      [appendOnlyTables],
    );
    expect(there.rows.map((row) => row.name).sort()).toEqual([...appendOnlyTables].sort());
    for (const { name } of there.rows) {
      await db.query(`select 1 from ${name} limit 1`);
      for (const statement of [
        `delete from ${name}`,
        `truncate ${name}`,
        `drop table ${name}`,
        `alter table ${name} disable trigger all`,
      ]) {
        const error: unknown = await db.query(statement).catch((e: unknown) => e);
        expect([statement, sqlStateOf(error)]).toEqual([statement, "42501"]);
      }
      const column = await owner.query<{ name: string }>(
        "select attname as name from pg_attribute where attrelid = $1::regclass and attnum = 1",
        [name],
      );
      const first = column.rows[0]?.name;
      const error: unknown = await db.query(`update ${name} set ${first} = ${first}`).catch((e: unknown) => e);
      expect([name, sqlStateOf(error)]).toEqual([name, "42501"]);
    }
  });

  it("covers a partition of an append-only table, and a table that a later migration brings", async () => {
    const { db, owner } = await fresh();
    const files = next("9000-more.sql", "create table entry_2026_11 (id int); create table later (id int);");
    await migrate(owner, { migrations: files });
    await db.query("insert into later values (1)");
    await db.query("delete from later");
    await db.query("insert into entry_2026_11 values (1)");
    expect(sqlStateOf(await db.query("delete from entry_2026_11").catch((e: unknown) => e))).toBe("42501");
  });

  it("says which role is missing", async () => {
    const { owner } = await fresh();
    await expect(migrate(owner, { appRole: "no_such_role" })).rejects.toMatchObject({
      code: "unavailable",
      detail: expect.stringContaining("no_such_role"),
    });
  });

  it("keeps the application role from the record of migrations and from making tables", async () => {
    const { db } = await fresh();
    expect(sqlStateOf(await db.query("delete from migration").catch((e: unknown) => e))).toBe("42501");
    expect(sqlStateOf(await db.query("create table mine (id int)").catch((e: unknown) => e))).toBe("42501");
  });
});

describe("the migration to spans of the tree", () => {
  it("says of every entry that it stands where it stood", async () => {
    const { owner } = await fresh();
    await owner.query("drop owned by current_user cascade");
    await owner.query("create schema if not exists public");
    const files = readMigrations();
    const at = files.findIndex(({ name }) => name.startsWith("0009"));
    await migrate(owner, { migrations: files.slice(0, at), appRole: null });
    // Two writers in turns, as rounds of the sequencer take them.
    const order = ["a0", "a1", "b0", "a2", "b1", "b2", "b3", "a3", "a4"];
    for (const [index, name] of order.entries()) {
      const values = [index, name.charAt(0), Number(name.slice(1)), Buffer.alloc(32, index)];
      await owner.query("insert into leaf (index, writer, seq, hash) values ($1, $2, $3, $4)", values);
    }
    await migrate(owner, { migrations: files, appRole: null });
    const spans = await owner.query<{ index: number; writer: string; seq: number; count: number }>(
      "select index, writer, seq, count from tree_span order by index",
    );
    const told = spans.rows.flatMap(({ writer, seq, count }) =>
      Array.from({ length: count }, (_, more) => `${writer}${seq + more}`),
    );
    expect(told).toEqual(order);
    expect(spans.rows.map(({ index }) => index)).toEqual([0, 2, 3, 4, 7]);
  });
});
