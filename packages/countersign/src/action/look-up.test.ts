import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call, openWorld, type World } from "../../../../test/faults/world.ts";
import { openTestDatabase, type TestDatabase, urlOf } from "../../../../test/support/database.ts";
import { newId } from "../floor/id.ts";
import { listActions } from "../ledger/list-sql.ts";
import { readSubject } from "../ledger/read.ts";
import { SubjectKey } from "../ledger/seal.ts";
import { numberOf } from "../lookup/action-number.ts";
import { find, afterAll as last } from "../lookup/index.ts";
import { type Indexing, indexEntries } from "../lookup/index-entries.ts";
import { keysOf, openTermKey, termKeyOf } from "../lookup/term-key.ts";
import { findableOf } from "./findable.ts";
import { type Found, lookUp } from "./look-up.ts";
import type { Parts } from "./parts.ts";

let base: TestDatabase;
let world: World;
let indexing: Indexing;
beforeAll(async () => {
  base = await openTestDatabase();
  world = await openWorld({ databaseUrl: base.url, databaseAdminUrl: urlOf(base.ownerAt) });
  const { db, wrap, terms: key, log } = world.base.control.parts;
  // Each test says itself what is indexed; segments are small, so that a few actions fill several.
  await world.base.index.stop();
  indexing = { db, wrap, key, log, read: findableOf, segmentSize: 5 };
});
afterAll(async () => {
  await world?.close();
  await base?.close();
});

const put = async (marker: string, more: Record<string, string> = {}): Promise<string> =>
  (await world.base.hall.submit(world.caller, call("put", { marker, ...more }))).view.id;
/** As if no time passed while it looks: how long a question may take is not what is tested here. */
const unhurried = (parts: Parts): Parts => ({ ...parts, clock: { now: () => parts.clock.now(), tick: () => 0 } });
const found = (q: string, more: { limit?: number; cursor?: string } = {}): Promise<Found> =>
  lookUp(unhurried(world.base.control.parts), {
    q,
    limit: 50,
    agents: new Set(["robot"]),
    workflows: new Set(["deeds-upkeep"]),
    tools: new Set(["deeds.put"]),
    ...more,
  });
const ids = async (q: string, more: { limit?: number; cursor?: string } = {}) =>
  (await found(q, more)).actions.map(({ id }) => id);
const indexAll = async (): Promise<void> => {
  while (((await indexEntries(indexing, 7)) ?? 0) > 0);
};
const terms = async (): Promise<number> =>
  Number((await base.owner.query<{ n: string }>("select count(*) as n from lookup_action")).rows[0]?.n);

describe("MT-257 what somebody pastes", () => {
  it("is found at once, before anything indexed it, and the answer says how far the index is", async () => {
    const id = await put("https://git.acme.example/shop/pull/77?tab=files");
    expect((await found("git.acme.example/shop/pull/77")).index.behind).toBeGreaterThan(0);
    expect(await ids("https://git.acme.example/shop/pull/77")).toEqual([id]);
    expect(await terms()).toBe(0);
    await indexAll();
    const indexed = await found("https://git.acme.example/shop/pull/77/");
    expect(indexed).toMatchObject({ taken: "text", index: { behind: 0 }, actions: [{ id, state: "done" }] });
    expect(indexed.searched).toBeUndefined();
    expect(await ids("pull/77")).toEqual([id]);
  });

  it("is found by the index and not by looking through everything", async () => {
    const id = await put("srv/pages/only-here.md");
    await indexAll();
    expect(await ids("only-here.md")).toEqual([id]);
    await base.owner.query("create table lookup_aside as select * from lookup_action");
    await base.owner.query("delete from lookup_action");
    expect(await ids('"srv/pages/only-here.md"')).toEqual([id]); // by looking through the newest targets
    expect((await found("only-here.md")).searched).toBeGreaterThan(0);
    await base.owner.query("insert into lookup_action select * from lookup_aside");
    expect((await found("only-here.md")).searched).toBeUndefined();
  });

  it("may stand in the result: an address or a ticket that the upstream answered with", async () => {
    const id = await put("result-1", { how: "secret:opened https://tickets.acme.example/browse/OPS-4711 for you" });
    await indexAll();
    for (const q of ["OPS-4711", "tickets.acme.example/browse/OPS-4711", "please see OPS-4711 today"])
      expect(await ids(q), q).toEqual([id]);
  });

  it("may be several words, or a phrase in their order", async () => {
    const [one, two] = [
      await put("words-1", { value: "the quarterly report is late" }),
      await put("words-2", { value: "report: a quarterly of last year" }),
    ];
    await indexAll();
    expect(await ids("quarterly report")).toEqual([two, one]);
    expect(await ids('"quarterly report"')).toEqual([one]);
    expect(await ids("quarterly words-2")).toEqual([two]);
    expect(await ids("quarterly nowhere")).toEqual([]);
    expect(await ids("robot deeds.put QUARTERLY")).toEqual([two, one]);
  });

  it("is told page by page, newest first, over segments and what is not indexed yet", async () => {
    const made: string[] = [];
    for (let i = 0; i < 17; i++) {
      made.push(await put(`paged-${i}`, { value: "pagedword" }));
      if (i === 12) await indexAll();
    }
    const segments = await base.owner.query("select 1 from lookup_segment");
    expect(segments.rowCount).toBeGreaterThan(2);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await found("pagedword", { limit: 4, ...(cursor === undefined ? {} : { cursor }) });
      expect(page.actions.length).toBeLessThanOrEqual(4);
      seen.push(...page.actions.map(({ id }) => id));
      cursor = page.next;
    } while (cursor !== undefined);
    expect(seen).toEqual(made.toReversed());
    expect((await ids("pagedword deeds-upkeep put", { limit: 200 })).length).toBe(17);
  });

  it("is found in a long backlog, also where an old action moved last", async () => {
    const old = await put("backlog-old", { value: "backlogword" });
    await indexAll();
    const made: string[] = [];
    for (let i = 0; i < 130; i++)
      made.push(await put(`backlog-${i}`, { value: i % 2 === 0 ? "backlogword" : "other" }));
    const { ledger, wrap, db } = world.base.control.parts;
    const subject = await readSubject(db, old, wrap);
    const named = { agent: "robot", workflow: "deeds-upkeep", tool: "deeds.put", run: "run_x" };
    const moved = { ...named, subject: old, step: 2, kind: "reversed", from: "done", to: "reversed" } as const;
    const entry = subject.key?.seal({ ...moved, payload: { by: "x" } });
    if (entry === undefined) throw new Error("it has a key");
    await ledger.append({ sealed: [entry] });
    const wanted = [...made.filter((_, i) => i % 2 === 0).toReversed(), old];
    expect(await ids("backlogword", { limit: 200 })).toEqual(wanted);
    await indexAll();
    expect(await ids("backlogword", { limit: 200 })).toEqual(wanted);
  });

  it("of a tool, a run, an agent or a workflow lists its actions, each through an index", async () => {
    await indexAll();
    const all = (await listActions(base.db, { limit: 200 })).map(({ subject }) => subject);
    expect((await found("deeds.put", { limit: 200 })).actions.map(({ id }) => id)).toEqual(all);
    expect(await found("robot", { limit: 1 })).toMatchObject({ taken: "agent", next: all[0] });
    // With whole scans and sorts made dear, a plan without them shows that an index serves filter and order.
    for (const column of ["agent", "workflow", "run"] as const) {
      const plan = await base.owner.transaction(async (tx) => {
        await tx.query("set local enable_seqscan = off");
        await tx.query("set local enable_sort = off");
        const rows: string[] = [];
        const explaining = {
          query: async (text: string, values: readonly unknown[]) => {
            const said = await tx.query<{ "QUERY PLAN": string }>(`explain ${text}`, values);
            rows.push(...said.rows.map((row) => row["QUERY PLAN"]));
            return { rows: [], rowCount: 0 };
          },
        };
        await listActions(explaining as never, { [column]: "x", limit: 50 });
        return rows.join("\n");
      });
      expect(plan, column).toContain(`entry_${column}`);
      expect(plan, column).not.toMatch(/Sort|Seq Scan/);
    }
  });
});

describe("the index", () => {
  it("is whole whoever indexes at the same time, and whatever breaks off in the middle", async () => {
    const made = [];
    for (let i = 0; i < 12; i++) made.push(await put(`rivals-${i}`, { value: "rivalword" }));
    let random = 5;
    const breaking: Indexing = {
      ...indexing,
      db: {
        ...indexing.db,
        transaction: (work) =>
          indexing.db.transaction(async (tx) => {
            const value = await work(tx);
            random = (random * 1103515245 + 12345) % 2 ** 31;
            if (random % 3 === 0) throw new Error("broken off");
            return value;
          }),
      },
    };
    for (let round = 0; round < 60; round++) {
      await Promise.allSettled([indexEntries(breaking, 3), indexEntries(breaking, 3), indexEntries(indexing, 1)]);
    }
    await indexAll();
    expect((await found("rivalword")).index.behind).toBe(0);
    expect(await ids("rivalword")).toEqual(made.toReversed());
  });

  it("holds no text: not a term of it can be told without the plane's own key", async () => {
    await put("https://hidden.acme.example/very-private");
    await indexAll();
    const { rows } = await base.owner.query<{ hex: string; text: string }>(
      `select string_agg(encode(int8send(t), 'hex'), '' order by at) as hex, action::text as text
         from lookup_action, unnest(terms) with ordinality as u (t, at) group by action
       union all select '', writer || seq from lookup_head`,
    );
    const dump = rows.map((row) => Buffer.from(row.hex, "hex").toString("latin1") + row.text).join();
    expect(rows[0]?.hex).toMatch(/^(?:[0-9a-f]{16}){10,64}$/);
    for (const word of ["hidden", "private", "acme", "robot"]) expect(dump).not.toContain(word);
    const { db, wrap, terms: key } = world.base.control.parts;
    expect((await openTermKey(db, wrap)).digest("hidden")).toBe(key.digest("hidden"));
    expect(termKeyOf(Buffer.alloc(32)).digest("hidden")).not.toBe(key.digest("hidden"));
    const { rows: segments } = await base.owner.query<{ number: number }>("select number from lookup_segment");
    const has = async (digest: number) => {
      const numbers = segments.map(({ number }) => number);
      const text = "select 1 from lookup_action where terms && $1::bigint[]";
      return (await base.owner.query(text, [keysOf(numbers, [digest])])).rowCount > 0;
    };
    expect(await has(key.digest("hidden"))).toBe(true);
    expect(await has(termKeyOf(Buffer.alloc(32)).digest("hidden"))).toBe(false);
  });

  it("may be wrong about a term, since two may share a number: what does not have it is not told", async () => {
    const id = await put("shared-number");
    await indexAll();
    const { db, clock, terms: key } = world.base.control.parts;
    const digest = key.digest("othernumber");
    const text = `update lookup_action set terms = terms || (
      select ((number::bigint << 40) | $2::bigint) from lookup_segment where first <= $1::uuid order by first desc limit 1
    ) where action = $1::uuid`;
    expect((await base.owner.query(text, [numberOf(id), digest])).rowCount).toBe(1);
    const sought = { terms: [digest], before: last, limit: 5, untilTick: Number.POSITIVE_INFINITY };
    expect((await find(db, clock, sought)).actions).toEqual([id]);
    expect(await ids("othernumber")).toEqual([]);
    expect(await ids("shared-number othernumber")).toEqual([]);
    expect(await ids("shared-number")).toEqual([id]);
  });

  it("takes an outcome that comes late into the segment of its action", async () => {
    const { ledger, wrap } = world.base.control.parts;
    const subject = newId("act");
    const key = new SubjectKey(subject);
    const draft = { subject, agent: "robot", workflow: "deeds-upkeep", tool: "deeds.put", run: "run_x" };
    const intent = key.seal({ ...draft, step: 0, kind: "intent", from: "received", to: "running", payload: {} });
    await ledger.append({ sealed: [intent], keys: [{ subject, wrapped: key.wrapped(wrap) }] });
    for (let i = 0; i < 12; i++) await put(`between-${i}`);
    await indexAll();
    const payload = { kind: "answered", result: { content: [{ type: "text", text: "late #90210" }] } };
    await ledger.append({
      sealed: [key.seal({ ...draft, step: 1, kind: "outcome", from: "running", to: "done", payload })],
    });
    expect(await ids("#90210")).toEqual([subject]);
    await indexAll();
    expect(await ids("#90210")).toEqual([subject]);
    expect(await ids("robot #90210")).toEqual([subject]);
  });

  it("goes on where an entry cannot be opened, and finds the action by its names", async () => {
    const id = await put("broken-entry");
    await base.owner.query("alter table entry disable trigger user");
    await base.owner.query(
      "update entry set sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1) where subject = $1",
      [id],
    );
    await base.owner.query("alter table entry enable trigger user");
    await indexAll();
    const { index } = await found("nothing");
    expect(index.behind).toBe(0);
  });
});

it("actions are listed and found on a database that sorts by a language, too", async () => {
  const other = await openTestDatabase("en-US");
  const there = await openWorld({ databaseUrl: other.url, databaseAdminUrl: urlOf(other.ownerAt) });
  const made: string[] = [];
  for (let i = 0; i < 3; i++)
    made.push(
      (await there.base.hall.submit(there.caller, call("put", { marker: `language-${i}`, value: "same" }))).view.id,
    );
  const parts = unhurried(there.base.control.parts);
  const listed = await listActions(other.db, { agent: "robot", limit: 2 });
  expect(listed.map(({ subject }) => subject)).toEqual([made[2], made[1]]);
  const wanted = { limit: 2, agents: new Set<string>(), workflows: new Set<string>(), tools: new Set<string>() };
  const before = await lookUp(parts, { ...wanted, q: "same" });
  expect(before.actions.map(({ id }) => id)).toEqual([made[2], made[1]]);
  await there.base.index.catchUp();
  const last = await lookUp(parts, { ...wanted, q: "same", cursor: before.next ?? "" });
  expect(last.actions.map(({ id }) => id)).toEqual([made[0]]);
  await there.close();
  await other.close();
});
