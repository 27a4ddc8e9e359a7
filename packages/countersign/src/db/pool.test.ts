import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestDatabase, type TestDatabase } from "../../../../test/support/database.ts";
import { silent } from "../floor/log.ts";
import { isUniqueViolation, sqlStateOf } from "./failure.ts";
import { openDb } from "./pool.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await openTestDatabase();
  await test.owner.query(`
    create table thing (id int8 primary key, name text constraint thing_name unique, at timestamptz);
    create table line (id int primary key, n int not null);
    insert into line values (1, 0), (2, 0);
    grant select, insert, update, delete on thing, line to countersign_app`);
});
afterAll(() => test.close());

describe("values", () => {
  it("keeps microseconds and exact numbers", async () => {
    const { rows } = await test.db.query<{ at: string; n: number }>(
      "select '2026-11-22 16:22:42.123456+02'::timestamptz as at, 9007199254740991::int8 as n",
    );
    expect(rows[0]).toEqual({ at: "2026-11-22T14:22:42.123456Z", n: 9007199254740991 });
  });

  it("refuses a number that would be rounded", async () => {
    await expect(test.db.query("select 9007199254740993::int8")).rejects.toMatchObject({ code: "bug" });
  });
});

describe("failures", () => {
  it("names a unique violation without the value", async () => {
    await test.db.query("insert into thing (id, name) values (1, 'ana@acme.example')");
    const error: unknown = await test.db
      .query("insert into thing (id, name) values (2, 'ana@acme.example')")
      .catch((e: unknown) => e);
    expect(isUniqueViolation(error)).toBe(true);
    expect(isUniqueViolation(error, "thing_name")).toBe(true);
    expect(isUniqueViolation(error, "thing_pkey")).toBe(false);
    expect(
      `${String(error)} ${JSON.stringify(error)} ${String((error as Error).cause)} ${JSON.stringify((error as Error).cause)}`,
    ).not.toContain("ana@acme");
  });

  it("says unavailable, and not where, when nobody listens", async () => {
    const db = openDb({ ...test.app, host: "/nonexistent-folder" }, { log: silent });
    const error: unknown = await db.query("select 1").catch((e: unknown) => e);
    expect(error).toMatchObject({ code: "unavailable" });
    expect(String(error)).not.toContain("nonexistent");
    await db.close();
  });

  it("goes on after every connection broke", async () => {
    await test.db.query("select 1");
    await test.breakConnections();
    const again = () => test.db.query("select 1 as one").catch(() => undefined);
    await expect.poll(again).toMatchObject({ rowCount: 1 });
  });
});

describe("what callers send", () => {
  it("a NUL character is the caller's fault, a name used for two statements is ours", async () => {
    await expect(test.db.query("select $1::text", ["a\u0000b"])).rejects.toMatchObject({ code: "invalid" });
    const session = await test.db.connect();
    await session.query({ name: "one", text: "select 1" });
    await expect(session.query({ name: "one", text: "select 2" })).rejects.toMatchObject({ code: "bug" });
    await session.end();
  });
});

describe("transaction", () => {
  it("repeats the work of the loser of a deadlock", async () => {
    let runs = 0;
    let meet: () => void = () => {};
    const bothHold = new Promise<void>((resolve) => {
      let waiting = 2;
      meet = () => --waiting === 0 && resolve();
    });
    const swap = (first: number, second: number) =>
      test.db.transaction(async (tx) => {
        const run = ++runs;
        await tx.query("update line set n = n + 1 where id = $1", [first]);
        if (run <= 2) {
          meet();
          await bothHold;
        }
        await tx.query("update line set n = n + 1 where id = $1", [second]);
      });
    await Promise.all([swap(1, 2), swap(2, 1)]);
    // On a busy machine the server may end both of them.
    expect(runs).toBeGreaterThan(2);
    expect((await test.db.query("select n from line")).rows).toEqual([{ n: 2 }, { n: 2 }]);
  });

  it("rolls back when the work throws", async () => {
    await expect(
      test.db.transaction(async (tx) => {
        await tx.query("insert into thing (id) values (77)");
        throw new Error("no");
      }),
    ).rejects.toThrow("no");
    expect((await test.db.query("select 1 from thing where id = 77")).rowCount).toBe(0);
  });

  it("does not call a swallowed failure a commit", async () => {
    await expect(
      test.db.transaction(async (tx) => {
        await tx.query("insert into thing (id) values (78)");
        await tx.query("select 1/0").catch(() => {});
      }),
    ).rejects.toMatchObject({ code: "bug" });
    expect((await test.db.query("select 1 from thing where id = 78")).rowCount).toBe(0);
  });
});

describe("session", () => {
  it("prepares a named statement once and tells when it is lost", async () => {
    const session = await test.db.connect();
    for (const n of [1, 2]) await session.query({ name: "plus", text: "select $1::int + 1 as n", values: [n] });
    const prepared = await session.query("select name from pg_prepared_statements");
    expect(prepared.rows).toEqual([{ name: "plus" }]);
    await test.breakConnections();
    expect(await session.lost).toMatchObject({ code: "unavailable" });
    const after: unknown = await session.query("select 1").catch((e: unknown) => e);
    expect(after).toMatchObject({ code: "unavailable" });
    expect(sqlStateOf(after)).toBeUndefined();
  });

  it("gives rows of a copy one by one, in binary, and writes values into the text as nothing but values", async () => {
    const session = await test.db.connect();
    const seen: (string | null)[][] = [];
    const bytes =
      "select decode('00ff5c27', 'hex') as bytes, n, null::text as none, $1 as text from generate_series(1, 3) n";
    const text = `copy (${bytes} where $2::text is null) to stdout (format binary)`;
    const hostile = "x'; drop table thing; -- \\' $2";
    const rows = await session.copyEach({ text, values: [hostile, null] }, (fields) =>
      seen.push(fields.map((field) => field?.toString("latin1") ?? null)),
    );
    expect(rows).toBe(3);
    expect(seen).toHaveLength(3);
    expect(seen[2]).toEqual(["\0\xff\\'", "\0\0\0\x03", null, hostile]);
    const none = await session.copyEach({ text, values: ["x", "y"] }, () => seen.push([]));
    expect([none, seen.length]).toEqual([0, 3]);
    expect((await session.query("select 1 from thing limit 1")).rowCount).toBeLessThan(2);
    await session.end();
  });

  it("is as good after a copy that was refused, or whose reader threw", async () => {
    const session = await test.db.connect();
    const rows = "copy (select n from generate_series(1, 50000) n) to stdout (format binary)";
    let seen = 0;
    const reader = (): void => {
      if (++seen === 3) throw new Error("enough");
    };
    await expect(session.copyEach({ text: rows }, reader)).rejects.toThrow("enough");
    expect(seen).toBe(3);
    await expect(
      session.copyEach({ text: "copy (select 1/0) to stdout (format binary)" }, reader),
    ).rejects.toMatchObject({
      cause: { sqlState: "22012" },
    });
    await expect(session.copyEach({ text: rows, values: ["a\0"] }, reader)).resolves.toBe(50_000);
    await expect(
      session.copyEach({ text: rows.replace("n from", "$1 from"), values: ["a\0"] }, reader),
    ).rejects.toMatchObject({ code: "invalid" });
    expect((await session.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
    const broken = session.copyEach({ text: rows.replace("50000", "50000000") }, () => {});
    const refused = expect(broken).rejects.toMatchObject({ code: "unavailable" });
    await test.breakConnections();
    await refused;
  });
});
