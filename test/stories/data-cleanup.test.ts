import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type CleanupServer, openServer } from "../../examples/cleanup/server.ts";
import { listReviews } from "../../packages/countersign/src/catalog/index.ts";
import { read } from "../../packages/countersign/src/workspace/index.ts";
import { openTestDatabase, type TestDatabase } from "../support/database.ts";
import { ana, bo, openTestPlane, type TestPlane, until } from "../support/plane.ts";

const policies = "policies/cleanup.cedar";
const workspace = join(import.meta.dirname, "../../examples/cleanup");

let target: TestDatabase;
let server: CleanupServer;
let plane: TestPlane;
let sweeper: string;
let purger: string;
/** What happens at the server when a tool is called, before it runs. */
let meanwhile: ((tool: string) => Promise<void>) | undefined;

beforeAll(async () => {
  target = await openTestDatabase();
  await target.owner.query(`create table accounts (id bigint primary key, name text not null)`);
  await target.owner.query("insert into accounts values (1, 'one')");
  await target.owner.query(`create table sessions (
    id bigint primary key, "group" text, expires_at timestamptz not null, cost numeric, notes jsonb, tags text[],
    raw bytea, ratio double precision
  )`);
  const { host, port, user, database, password } = target.ownerAt;
  const at = { host, port, user, database, password: password.reveal() };
  server = await openServer(at, { seen: async (tool) => meanwhile?.(tool) });
  plane = await openTestPlane({
    workspace,
    edit: {
      "tools/records.yaml": (text) => text.replace("127.0.0.1:4792", `127.0.0.1:${server.port}`),
      [policies]: () => "",
    },
  });
  for (const { tool, digest } of await listReviews(plane.running.control.parts.db, "records"))
    await review(tool, digest);
  // They name a tool and its arguments, so they can be put in force once somebody has reviewed it.
  await apply({ [policies]: readFileSync(join(workspace, policies), "utf8") });
  sweeper = await plane.agent("sweeper", "staging");
  purger = await plane.agent("purger", "staging");
  await plane.grantTier("sweeper", "cleanup", 2);
  await plane.grantTier("purger", "purge", 2);
});
afterEach(async () => {
  meanwhile = undefined;
  await target.owner.query("truncate sessions");
});
afterAll(async () => {
  await plane?.close();
  await server?.close();
  await target?.close();
});

/** Puts further files in force, as two people do. */
async function apply(more: Readonly<Record<string, string>>): Promise<void> {
  for (const [file, text] of Object.entries(more)) writeFileSync(join(plane.folder, file), text);
  const { files } = await read(plane.folder);
  const proposed = await plane.call("POST", "/v1/workspace/apply", { key: await plane.person(ana), body: { files } });
  expect(proposed.status, proposed.text).toBe(202);
  const sign = { key: await plane.person(bo), body: { digest: proposed.json.plan.to } };
  const signed = await plane.call("POST", `/v1/proposals/${proposed.json.proposal}/sign`, sign);
  expect(signed.status, signed.text).toBe(200);
}

async function review(tool: string, digest: string): Promise<void> {
  const body = { server: "records", tool, digest, answer: "approve" };
  const { status, text } = await plane.call("POST", "/v1/catalog/reviews", { key: await plane.person(ana), body });
  expect(status, text).toBe(200);
}

/** So many sessions that have expired, and as many that have not, with values that a careless copy would change. */
async function fill(count: number): Promise<void> {
  await target.owner.query(
    `insert into sessions
       select 9007199254740993 + at, nullif('group ' || at % 3, 'group 0'), now() - interval '1 day 1 microsecond' * (1 - 2 * (at % 2)),
         12345678901234567890.12345678901234567890 + at, jsonb_build_object('at', at, 'text', 'a"b'), array['x,y', null, '{}'],
         decode('00ff', 'hex'), 0.1 + at
       from generate_series(1, $1) at`,
    [count * 2],
  );
}

const whole = async (): Promise<string> => {
  const all = "select coalesce(json_agg(s::text order by id)::text, '') as all from sessions s";
  return (await target.owner.query<{ all: string }>(all)).rows[0]?.all ?? "";
};
const left = async (): Promise<number> =>
  Number((await target.owner.query<{ count: string }>("select count(*) from sessions")).rows[0]?.count);

const expired = "delete from sessions where expires_at < now()";

const submit = async (sql: string, key = sweeper) =>
  (
    await plane.call("POST", "/v1/actions", {
      key,
      body: { server: "records", tool: "delete_rows", arguments: { sql } },
    })
  ).json;
const receiptOf = async (id: string) =>
  (await plane.call("GET", `/v1/receipts/${id}`, { key: await plane.person(ana) })).json;

const look = async (action: string, email: string) =>
  (await plane.call("GET", `/v1/approvals/${action}`, { key: await plane.person(email) })).json;

async function answer(action: string, email: string, { callDigest, shownDigest }: Awaited<ReturnType<typeof look>>) {
  const body = { verdict: "approve", callDigest, shownDigest, reason: "looked at the rows" };
  return plane.call("POST", `/v1/approvals/${action}/answer`, { key: await plane.person(email), body });
}

async function approve(action: string, email: string) {
  const shown = await look(action, email);
  const { status, text } = await answer(action, email, shown);
  expect(status, text).toBe(200);
  return shown;
}

const ended = (action: string, key: string) =>
  until(async () => {
    const { json } = await plane.call("GET", `/v1/actions/${action}`, { key });
    return ["held", "ready", "running"].includes(json.state) ? undefined : json;
  });

describe("MT-94 a clean-up counts its rows by a dry run, keeps them first, and removes no more than its cap", () => {
  it("MT-94 what it removes was counted and kept before, and its undo puts every value back as it was", async () => {
    await fill(7);
    const before = await whole();
    const called = server.calls.length;
    const done = await submit(expired);
    expect(done).toMatchObject({ state: "done" });
    expect(server.calls.slice(called)).toEqual(["dry_run", "delete_rows"]);
    expect(await left()).toBe(7);
    const receipt = JSON.stringify(await receiptOf(done.id));
    expect(receipt).toContain('"rows":7');
    const undo = { key: await plane.person(bo), body: { reason: "they were needed" } };
    const { json: asked } = await plane.call("POST", `/v1/actions/${done.id}/reverse`, undo);
    expect(asked).toMatchObject({ state: "held", requirements: [{ from: "keepers" }] });
    await approve(asked.id, ana);
    expect(await ended(asked.id, sweeper)).toMatchObject({ state: "done" });
    expect(await whole()).toBe(before);
  });

  it("MT-94 exactly as many rows as the cap are removed; one more is refused, and none is removed", async () => {
    await fill(101);
    const before = await whole();
    const over = await submit(expired);
    expect(over).toMatchObject({ state: "refused", refusal: "policy" });
    expect(over.sentence).toContain("cleanup caps the rows of one call at 100");
    expect(await whole()).toBe(before);
    await target.owner.query("delete from sessions where id = (select min(id) from sessions where expires_at < now())");
    expect(await submit(`${expired} and id > 0`)).toMatchObject({ state: "done" });
    expect(await left()).toBe(101);
  });

  it("MT-94 where the rows cannot be counted, nothing is removed", async () => {
    await fill(1_001);
    const before = await whole();
    // The server gives no more than a thousand rows, and says so.
    expect(await submit(expired)).toMatchObject({ state: "refused", refusal: "policy" });
    meanwhile = async (tool) => {
      if (tool === "dry_run") throw new Error("the database is away");
    };
    const one = "delete from sessions where id = 9007199254740995";
    const unread = await submit(one);
    expect(unread).toMatchObject({ state: "refused", refusal: "policy" });
    expect(unread.sentence).toContain("cleanup caps the rows of one call at 100");
    meanwhile = undefined;
    expect(await whole()).toBe(before);
    expect(await submit(`${one} and true`)).toMatchObject({ state: "done" });
  });

  it("MT-94 where rules move after a dry run, the next one counts: no earlier count stands in for it", async () => {
    await fill(3);
    const before = await whole();
    let looked = 0;
    meanwhile = async (tool) => {
      if (tool !== "dry_run") return;
      if (looked++ > 0) throw new Error("the database is away");
      await apply({ "policies/more.cedar": more });
    };
    const refused = await submit(expired);
    expect(looked).toBe(2);
    expect(refused).toMatchObject({ state: "refused", refusal: "policy" });
    expect(refused.sentence).toContain("cleanup caps the rows of one call at 100");
    expect(await whole()).toBe(before);
  });

  it("MT-94 what is no single bounded delete from the table is refused before anything is run, also dry", async () => {
    await fill(2);
    const before = await whole();
    const called = server.calls.length;
    for (const sql of [
      "delete from sessions",
      "delete from sessions where true",
      "delete from accounts where id = 1",
      "delete from sessions where id = 1; delete from accounts where id = 1",
      "with a as (delete from accounts where id = 1 returning id) delete from sessions where id in (select id from a)",
      "delete from sessions where id = pg_terminate_backend(1)::int",
      "delete from sessions where id = 1 returning *), b as (delete from accounts",
      "update sessions set cost = 0 where id = 1",
      "truncate sessions",
    ])
      expect(await submit(sql), sql).toMatchObject({ state: "refused", refusal: "policy" });
    // One more `returning` is not SQL any more once the server has put its own behind it: the dry run fails.
    expect(await submit(`${expired} returning id`)).toMatchObject({ state: "refused", refusal: "policy" });
    expect(server.calls.slice(called)).toEqual(["dry_run"]);
    expect(await whole()).toBe(before);
  });

  it("MT-94 a person approves the very rows: others void the approval, and more than the cap are refused", async () => {
    await fill(5);
    const held = await submit(expired, purger);
    expect(held).toMatchObject({ state: "held" });
    const shown = await approve(held.id, ana);
    expect(JSON.stringify(shown.before)).toContain("9007199254740995");
    expect(await ended(held.id, purger)).toMatchObject({ state: "done" });
    await target.owner.query("truncate sessions");
    await fill(5);
    const again = await submit(`${expired} and id > 0`, purger);
    expect(again).toMatchObject({ state: "held" });
    const five = await look(again.id, ana);
    await target.owner.query("update sessions set expires_at = now() - interval '1 h'");
    // Ten rows by now, and nobody has looked at five of them.
    const refused = await answer(again.id, ana, five);
    expect([refused.status, refused.json.detail]).toEqual([409, expect.stringContaining("does not count")]);
    const ten = await until(async () => {
      const shown = await look(again.id, ana);
      return shown.before?.structuredContent.rows.length === 10 ? shown : undefined;
    });
    expect(await left()).toBe(10);
    await target.owner.query("truncate sessions");
    await fill(21);
    expect((await answer(again.id, ana, ten)).status).toBe(409);
    expect(await ended(again.id, purger)).toMatchObject({ state: "refused", refusal: "policy" });
    expect(await left()).toBe(42);
  });
});

const more = `@id("nothing-new")
@title("this says nothing that is not said already")
forbid (principal, action == Action::"records.delete_rows", resource)
when { context.facts.stopped };
`;
