import { afterAll, beforeAll, expect, it } from "vitest";
import { openTestDatabase, type TestDatabase } from "../../../../test/support/database.ts";
import type { Tx } from "../db/db.ts";
import { migrate } from "../db/migrate.ts";
import { readMigrations } from "../db/migration.ts";
import { systemClock } from "../floor/clock.ts";
import { newId } from "../floor/id.ts";
import { silent } from "../floor/log.ts";
import { type Ledger, openLedger } from "../ledger/ledger.ts";
import { SubjectKey } from "../ledger/seal.ts";
import { afterAll as last, numberOf } from "./action-number.ts";
import { find } from "./find.ts";
import { type Indexing, indexEntries } from "./index-entries.ts";
import { keepIndex } from "./keep-index.ts";
import { progressOf } from "./progress.ts";
import { planByIndex, withTerms } from "./sql.ts";
import { keysOf, termKeyOf } from "./term-key.ts";

let base: TestDatabase;
let ledger: Ledger;
let indexing: Indexing;
const wrap = { seal: (bytes: Uint8Array) => Buffer.from(bytes), open: (bytes: Uint8Array) => Buffer.from(bytes) };
const key = termKeyOf(Buffer.alloc(32, 7));

beforeAll(async () => {
  base = await openTestDatabase();
  // What a big store is planned by comes from its size alone: nothing here waits for statistics.
  for (const table of ["entry", "subject_key", "lookup_action"])
    await base.owner.query(`alter table ${table} set (autovacuum_enabled = off)`);
  ledger = await openLedger({ db: base.db, clock: systemClock, log: silent, host: "test" });
  const read: Indexing["read"] = (payload) => ({ wholes: [], names: ["everywhere"], texts: [String(payload)] });
  indexing = { db: base.db, log: silent, wrap, key, read, segmentSize: 200 };
});
afterAll(async () => {
  await ledger?.close();
  await base?.close();
});

let made = 0;
async function put(into: Ledger = ledger): Promise<string> {
  const subject = newId("act");
  const own = new SubjectKey(subject);
  const named = { subject, agent: "robot", workflow: "deeds", tool: "deeds.put", run: "run_1" };
  const payload = `word-${made++} ${Array.from({ length: 20 }, (_, i) => `word${(made * 7 + i * 31) % 900}`).join(" ")}`;
  await into.append({
    sealed: [own.seal({ ...named, step: 0, kind: "intent", from: "received", to: "running", payload })],
    keys: [{ subject, wrapped: own.wrapped(wrap) }],
  });
  return subject;
}

const sought = ({ db }: TestDatabase, ...terms: readonly string[]) =>
  find(db, systemClock, {
    terms: terms.map((term) => key.digest(term)),
    before: last,
    limit: 3,
    untilTick: Number.POSITIVE_INFINITY,
  });

interface Scans {
  readonly seq: number;
  readonly idx: number;
}
const scans = async (...tables: readonly string[]): Promise<Scans> => {
  const text = `select coalesce(sum(seq_scan), 0)::int as seq, coalesce(sum(idx_scan), 0)::int as idx
    from pg_stat_user_tables where relname = any($1::text[])`;
  return (await base.owner.query<Scans>(text, [tables])).rows[0] ?? { seq: 0, idx: 0 };
};

/** A session tells its figures about once a second, while it works. */
async function untilTold(many: number, tables: readonly string[], work: () => Promise<unknown>): Promise<Scans> {
  const before = await scans(...tables);
  for (let i = 0; i < 300; i++) {
    await work();
    const now = await scans(...tables);
    if (now.idx - before.idx > many) return { seq: now.seq - before.seq, idx: now.idx - before.idx };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("the sessions told nothing");
}

it("an indexer reads no more for what is stored already: no table is scanned", async () => {
  const tables = ["entry", "subject_key", "lookup_action"];
  const told = await untilTold(3_000, tables, async () => {
    await Promise.all(Array.from({ length: 60 }, () => put()));
    while (((await indexEntries(indexing, 50)) ?? 0) > 0);
  });
  expect(told.seq).toBe(0);
});

it("a question reads nothing but what has its terms: no table is scanned", async () => {
  const told = await untilTold(100, ["lookup_action"], async () => {
    expect((await sought(base, "word-7")).actions).toHaveLength(1);
    expect((await sought(base, "everywhere")).actions).toHaveLength(3);
    expect((await sought(base, "everywhere", "word-7")).actions).toHaveLength(1);
    expect((await sought(base, "nowhere")).actions).toEqual([]);
  });
  expect(told.seq).toBe(0);
});

it("neither on a small table, nor on one whose statistics are there; without the fence it would be", async () => {
  const planOf = async (tx: Tx): Promise<string> => {
    let plan = "";
    const explaining: Tx = {
      query: async (statement, values) => {
        const said = await tx.query<{ "QUERY PLAN": string }>(`explain ${String(statement)}`, values);
        plan = said.rows.map((row) => row["QUERY PLAN"]).join("\n");
        return { rows: [], rowCount: 0 };
      },
    };
    await withTerms(explaining, [keysOf([1, 2], [1]), keysOf([1, 2], [3])], numberOf(last), 20);
    return plan;
  };
  for (const state of ["as it is", "analyzed", "emptied", "emptied and analyzed"]) {
    if (state === "emptied") await base.owner.query("truncate lookup_action");
    if (state.includes("analyzed")) await base.owner.query("vacuum analyze lookup_action");
    const fenced = await base.db.transaction(async (tx) => {
      await planByIndex(tx);
      return planOf(tx);
    });
    expect(fenced, state).toContain("Bitmap Index Scan on lookup_action_terms");
    expect(fenced, state).not.toMatch(/Seq Scan|lookup_action_pkey|Gather|JIT/);
  }
  expect(await base.db.transaction(planOf)).toContain("Seq Scan on lookup_action");
});

it("an index of the form before is thrown away, and filled anew", async () => {
  const old = await openTestDatabase();
  await old.owner.query("drop owned by current_user cascade");
  await old.owner.query("create schema if not exists public");
  const all = readMigrations();
  await migrate(old.owner, { migrations: all.filter(({ name }) => name < "0017") });
  const writing = await openLedger({ db: old.db, clock: systemClock, log: silent, host: "test" });
  const first = await put(writing);
  await old.owner.query("insert into lookup_head (writer, seq) select writer, seq from entry");
  await old.owner.query("insert into lookup_segment (number, first, last, actions) values (1, $1, $1, 1)", [
    numberOf(first),
  ]);
  await old.owner.query("insert into lookup_term select 1, '\\x000000000000000000000000', $1", [numberOf(first)]);
  expect(await migrate(old.owner, { migrations: all })).toContain("0017-lookup-actions.sql");
  const second = await put(writing);
  expect(await indexEntries({ ...indexing, db: old.db }, 50)).toBe(2);
  expect((await sought(old, "everywhere")).actions).toEqual([second, first]);
  await writing.close();
  await old.close();
});

it("is whole once its keeper has caught up, also where that was under way before the last entry came", async () => {
  const own = await openTestDatabase();
  const writing = await openLedger({ db: own.db, clock: systemClock, log: silent, host: "test" });
  for (let i = 0; i < 10; i++) await put(writing);
  let reached: () => void = () => undefined;
  const isReading = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const read: Indexing["read"] = (payload, names) => {
    reached();
    return indexing.read(payload, names);
  };
  const keeper = keepIndex({ ...indexing, db: own.db, read });
  const underWay = keeper.catchUp();
  await isReading;
  const lastOne = await put(writing);
  await keeper.catchUp();
  expect((await sought(own, "everywhere")).actions[0]).toBe(lastOne);
  expect((await progressOf(own.db, 0)).behind).toBe(0);
  await underWay;
  await keeper.stop();
  await writing.close();
  await own.close();
});
