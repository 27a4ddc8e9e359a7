import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestDatabase, type TestDatabase } from "../../../../test/support/database.ts";
import { systemClock } from "../floor/clock.ts";
import { newId } from "../floor/id.ts";
import { silent } from "../floor/log.ts";
import { Problem } from "../floor/problem.ts";
import { leafHash } from "./entry.ts";
import { type Ledger, openLedger } from "./ledger.ts";
import { SubjectKey } from "./seal.ts";
import { fenceExpired } from "./sql.ts";

let base: TestDatabase;
let ledger: Ledger;
const wrap = { seal: (bytes: Uint8Array) => Buffer.from(bytes), open: (bytes: Uint8Array) => Buffer.from(bytes) };

beforeAll(async () => {
  base = await openTestDatabase();
  ledger = await openLedger({ db: base.db, clock: systemClock, log: silent, host: "test" });
});
afterAll(async () => {
  await ledger.close();
  await base.close();
});

function draft(subject: string, step: number, to: "running" | "done", tool = "files.write") {
  const key = new SubjectKey(subject, createHash("sha256").update(subject).digest());
  const from = step === 0 ? ("received" as const) : ("running" as const);
  const kind = step === 0 ? ("intent" as const) : ("outcome" as const);
  const sealed = key.seal({
    subject,
    step,
    kind,
    from,
    to,
    agent: "coder",
    workflow: "docs",
    tool,
    run: "run_1",
    payload: { step },
  });
  return { sealed: [sealed], ...(step === 0 ? { keys: [{ subject, wrapped: key.wrapped(wrap) }] } : {}) };
}

async function chainFaults(writer: string): Promise<number> {
  const { rows } = await base.db.query<{ seq: number; leaf: Buffer; hash: Buffer }>(
    "select seq, leaf, hash from entry where writer = $1 order by seq",
    [writer],
  );
  let prev: Buffer = Buffer.alloc(32);
  let faults = 0;
  rows.forEach((row, at) => {
    const leaf = JSON.parse(row.leaf.toString()) as { prev: string; seq: number };
    if (
      Number(row.seq) !== at ||
      leaf.seq !== at ||
      leaf.prev !== prev.toString("base64") ||
      !leafHash(row.leaf).equals(row.hash)
    )
      faults++;
    prev = row.hash;
  });
  return faults;
}

describe("the ledger", () => {
  it("writes many callers in one gap-free chain", async () => {
    const ids = Array.from({ length: 500 }, () => newId("act"));
    await Promise.all(ids.map((id) => ledger.append(draft(id, 0, "running"))));
    await Promise.all(ids.map((id) => ledger.append(draft(id, 1, "done"))));
    expect(await chainFaults(ledger.writer())).toBe(0);
    const { rows } = await base.db.query<{ n: number }>("select count(*)::int as n from entry where writer = $1", [
      ledger.writer(),
    ]);
    expect(rows[0]?.n).toBe(1000);
  });

  it("bisects a bad row out and harms nobody else", async () => {
    const good = Array.from({ length: 40 }, () => newId("act"));
    const bad = newId("act");
    const results = await Promise.allSettled([
      ...good.slice(0, 20).map((id) => ledger.append(draft(id, 0, "running"))),
      ledger.append(draft(bad, 0, "running", "nul\u0000byte")),
      ...good.slice(20).map((id) => ledger.append(draft(id, 0, "running"))),
    ]);
    expect(results.filter((result) => result.status === "rejected")).toHaveLength(1);
    expect(results[20]).toMatchObject({ status: "rejected", reason: { code: "invalid" } });
    expect(await chainFaults(ledger.writer())).toBe(0);
  });

  it("lets one of two moves of the same step through", async () => {
    const id = newId("act");
    await ledger.append(draft(id, 0, "running"));
    const results = await Promise.allSettled([
      ledger.append(draft(id, 1, "done")),
      ledger.append(draft(id, 1, "done")),
    ]);
    expect(results.map((result) => result.status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(results.find((result) => result.status === "rejected")).toMatchObject({ reason: { code: "conflict" } });
  });

  describe("where a lock is held by somebody else", () => {
    /** The operator of the database lets nobody wait for long. */
    const impatient = {
      connect: async () => {
        const session = await base.db.connect();
        await session.query("set lock_timeout = '500ms'");
        return session;
      },
    };
    /** Renews its lease seldom: the row that it does that in is one more that a batch may wait for. */
    const openImpatient = () =>
      openLedger({
        db: { ...base.db, ...impatient },
        clock: systemClock,
        log: silent,
        host: "test",
        leaseMs: 300_000,
      });
    const written = async (ids: readonly string[]) =>
      (await base.db.query<{ n: number }>("select count(*)::int as n from entry where subject = any($1)", [ids]))
        .rows[0]?.n;

    it("refuses only the append whose transaction wants it; the rest of its batch is written", async () => {
      const own = await openImpatient();
      const holder = await base.owner.connect();
      await holder.query("begin");
      await holder.query("update plane set revision = revision");
      const good = Array.from({ length: 6 }, () => newId("act"));
      const guilty = newId("act");
      const wants = (id: string, statement: string) =>
        own.append({ ...draft(id, 0, "running"), within: async (tx) => void (await tx.query(statement)) });
      const results = await Promise.allSettled([
        ...good.slice(0, 3).map((id) => own.append(draft(id, 0, "running"))),
        wants(guilty, "update plane set revision = revision + 1"),
        wants(good[3] ?? "", "select 1"),
        ...good.slice(4).map((id) => own.append(draft(id, 0, "running"))),
      ]);
      const refused = results.filter((result) => result.status === "rejected");
      expect(refused).toMatchObject([{ reason: { code: "unavailable", help: "try again" } }]);
      expect(results[3]?.status).toBe("rejected");
      expect([await written(good), await written([guilty])]).toEqual([6, 0]);
      await holder.query("rollback");
      await wants(guilty, "update plane set revision = revision + 1");
      expect(await written([guilty])).toBe(1);
      expect(await chainFaults(own.writer())).toBe(0);
      await holder.end();
      await own.close();
    });

    it("refuses only the append that claims what somebody is about to claim", async () => {
      const own = await openImpatient();
      const name = `key:${newId("act")}`;
      const holder = await base.owner.connect();
      await holder.query("begin");
      await holder.query("insert into claim (name, subject, value) values ($1, $2, 'x')", [name, newId("act")]);
      const good = Array.from({ length: 5 }, () => newId("act"));
      const guilty = newId("act");
      const claims = [{ name, subject: guilty, value: "y" }];
      const results = await Promise.allSettled([
        ...good.map((id) => own.append(draft(id, 0, "running"))),
        own.append({ ...draft(guilty, 0, "running"), claims }),
      ]);
      expect(results.filter((result) => result.status === "rejected")).toMatchObject([
        { reason: { code: "unavailable" } },
      ]);
      expect([await written(good), await written([guilty])]).toEqual([5, 0]);
      await holder.query("rollback");
      await own.append({ ...draft(guilty, 0, "running"), claims });
      expect(await chainFaults(own.writer())).toBe(0);
      await holder.end();
      await own.close();
    });
  });

  it("refuses a move that does not start where the last one ended", async () => {
    const id = newId("act");
    await ledger.append(draft(id, 0, "running"));
    await expect(ledger.append(draft(id, 2, "done"))).rejects.toMatchObject({ code: "conflict" });
    await expect(base.owner.query("update entry set kind = 'x' where subject = $1", [id])).rejects.toThrow();
    await expect(base.owner.query("delete from entry where subject = $1", [id])).rejects.toThrow();
  });

  it("lets one of two holders of a claim through", async () => {
    const claim = { name: `same:${newId("act")}`, value: "x" };
    const [a, b] = [newId("act"), newId("act")];
    const results = await Promise.allSettled([
      ledger.append({ ...draft(a, 0, "running"), claims: [{ ...claim, subject: a }] }),
      ledger.append({ ...draft(b, 0, "running"), claims: [{ ...claim, subject: b }] }),
    ]);
    expect(results.map((result) => result.status)).toEqual(["fulfilled", "rejected"]);
  });

  it("runs an append's own work in the same transaction, or not at all", async () => {
    const [a, b] = [newId("act"), newId("act")];
    const mark = randomBytes(8).toString("hex");
    const results = await Promise.allSettled([
      ledger.append({
        ...draft(a, 0, "running"),
        within: async (tx) =>
          void (await tx.query("insert into claim (name, subject, value) values ($1, $2, 'x')", [mark, a])),
      }),
      ledger.append({
        ...draft(b, 0, "running"),
        within: async (tx) => {
          await tx.query("insert into claim (name, subject, value) values ($1, $2, 'x')", [`${mark}2`, b]);
          throw new Error("changed its mind");
        },
      }),
    ]);
    expect(results.map((result) => result.status)).toEqual(["fulfilled", "rejected"]);
    const { rows } = await base.db.query<{ name: string }>("select name from claim where name like $1", [`${mark}%`]);
    expect(rows.map((row) => row.name)).toEqual([mark]);
  });

  it("goes on after every connection broke, and loses nothing that it acknowledged", async () => {
    const acknowledged: string[] = [];
    const refusals = new Set<unknown>();
    let isOver = false;
    const work = Array.from({ length: 20 }, async () => {
      while (!isOver) {
        const id = newId("act");
        await ledger.append(draft(id, 0, "running")).then(
          () => acknowledged.push(id),
          (thrown: Problem) => refusals.add(thrown.code),
        );
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    });
    const more = async (count: number) => {
      const wanted = acknowledged.length + count;
      await expect.poll(() => acknowledged.length, { interval: 5 }).toBeGreaterThanOrEqual(wanted);
    };
    for (let i = 0; i < 3; i++) {
      await more(60);
      await base.breakConnections();
    }
    await more(60);
    isOver = true;
    await Promise.all(work);
    expect([...refusals].filter((code) => code !== "unavailable")).toEqual([]);
    const { rows } = await base.db.query<{ subject: string }>(
      "select subject from entry where subject = any($1::text[])",
      [acknowledged],
    );
    expect(rows).toHaveLength(acknowledged.length);
    const { rows: writers } = await base.db.query<{ id: string }>("select id from writer");
    for (const { id } of writers) expect(await chainFaults(id)).toBe(0);
  });

  it("never writes again once it was fenced, and a new chain takes its place", async () => {
    let fenced = "";
    const other = await openLedger({
      db: base.db,
      clock: systemClock,
      log: silent,
      host: "test",
      leaseMs: 60_000,
      onFenced: (writer) => (fenced = writer),
    });
    const first = other.writer();
    await other.append(draft(newId("act"), 0, "running"));
    await base.owner.query(
      "update writer_lease set expires_at = clock_timestamp() - interval '1 second' where writer = $1",
      [first],
    );
    expect((await base.db.transaction((tx) => fenceExpired(tx))).map((row) => row.writer)).toContain(first);
    await expect(other.append(draft(newId("act"), 0, "running"))).rejects.toMatchObject({ code: "unavailable" });
    expect(fenced).toBe(first);
    await expect.poll(() => other.writer() !== first).toBe(true);
    await other.append(draft(newId("act"), 0, "running"));
    await other.close();
  });

  it("that gives its lease back while it renews it is no writer that somebody else fenced", async () => {
    let asked = 0;
    const fenced: string[] = [];
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
    const slow: typeof base.db.query = async (statement, values) => {
      const text = typeof statement === "string" ? statement : statement.text;
      if (text.includes("update writer_lease l set")) {
        asked++;
        await held;
      }
      return base.db.query(statement, values);
    };
    const other = await openLedger({
      db: { ...base.db, query: slow },
      clock: systemClock,
      log: silent,
      host: "test",
      leaseMs: 2_000,
      onFenced: (writer) => void fenced.push(writer),
    });
    await other.append(draft(newId("act"), 0, "running"));
    await expect.poll(() => asked).toBe(1);
    const closing = other.close();
    // Long enough for a retirement that waits for nothing.
    await new Promise((resolve) => setTimeout(resolve, 100));
    letGo();
    await closing;
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect([asked, fenced]).toEqual([1, []]);
  });

  it("that is closed while a next writer is being opened leaves none behind", async () => {
    const { promise: gate, resolve: letGo } = Promise.withResolvers<void>();
    let opened = 0;
    const slow: typeof base.db.transaction = async (work) => {
      if (++opened > 1) await gate;
      return base.db.transaction(work);
    };
    const other = await openLedger({
      db: { ...base.db, transaction: slow },
      clock: systemClock,
      log: silent,
      host: "closing",
      leaseMs: 60_000,
    });
    const first = other.writer();
    await base.owner.query("update writer set fenced_at = clock_timestamp() where id = $1", [first]);
    await expect(other.append(draft(newId("act"), 0, "running"))).rejects.toMatchObject({ code: "unavailable" });
    expect(opened).toBe(2);
    const closing = other.close();
    await new Promise((resolve) => setTimeout(resolve, 100));
    letGo();
    await closing;
    const next = async () => {
      const text = `select fenced_at is not null as gone, exists (select 1 from writer_lease where writer = id) as leased
        from writer where host = 'closing' and id <> $1`;
      return (await base.owner.query(text, [first])).rows;
    };
    await expect.poll(async () => (await next()).length).toBe(1);
    expect(await next()).toEqual([{ gone: true, leased: false }]);
  });
});

describe("a write", () => {
  it("that its caller was told is not made is not made in a later try either", async () => {
    const [twice, other] = [newId("act"), newId("act")];
    await ledger.append(draft(twice, 0, "running"));
    // In one transaction the second sees what the first has done, and is refused; then the first fails, and both are tried again.
    const first = ledger.append({
      ...draft(twice, 0, "running"),
      within: async (tx) => void (await tx.query("insert into claim (name, subject, value) values ('seen', 'x', 'y')")),
    });
    const second = ledger.append({
      ...draft(other, 0, "running"),
      within: async (tx) => {
        if ((await tx.query("select 1 from claim where name = 'seen'")).rowCount > 0)
          throw new Problem("conflict", "somebody else was first");
      },
    });
    const ends = await Promise.allSettled([first, second]);
    expect(ends.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await ledger.append(draft(newId("act"), 0, "running"));
    expect((await base.db.query("select 1 from entry where subject = $1", [other])).rowCount).toBe(0);
  });

  it("reads no more for what is stored already: no table is scanned", async () => {
    const own = await openTestDatabase();
    const alone = await openLedger({ db: own.db, clock: systemClock, log: silent, host: "test" });
    const text = `select coalesce(sum(seq_scan), 0)::int as seq, coalesce(sum(idx_scan), 0)::int as idx
      from pg_stat_user_tables where relname in ('entry', 'subject_key')`;
    const scans = async () => (await own.owner.query<{ seq: number; idx: number }>(text)).rows[0] ?? { seq: 0, idx: 0 };
    // Many at once, as under load: what is planned for a large batch while the table is empty stays.
    const work = async () => {
      const ids = Array.from({ length: 200 }, () => newId("act"));
      await Promise.all(ids.map((id) => alone.append(draft(id, 0, "running"))));
      await Promise.all(ids.map((id) => alone.append(draft(id, 1, "done"))));
    };
    const before = await scans();
    // A session tells its figures about once a second, while it works.
    const looks = async () => Object.values(await scans()).reduce((sum, count) => sum + count, 0);
    const first = await looks();
    for (let i = 0; i < 100 && (await looks()) - first < 100; i++) {
      await work();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const after = await scans();
    expect(after.seq).toBe(before.seq);
    expect(after.idx).toBeGreaterThan(before.idx);
    await alone.close();
    await own.close();
  });
});
