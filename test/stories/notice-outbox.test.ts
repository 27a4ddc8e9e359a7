import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { Secret } from "../../packages/countersign/src/floor/secret.ts";
import { keepNotices } from "../../packages/countersign/src/governance/index.ts";
import { blankNotices, dropOldNotices, mostDead } from "../../packages/countersign/src/notify/index.ts";
import { hurried, type NoticePlane, openNoticePlane } from "../support/notice-plane.ts";
import { bo, openTestPlane, until } from "../support/plane.ts";
import { Receiver } from "../support/receiver.ts";

const ops = new Receiver();
const slow = new Receiver();
let plane: NoticePlane;
/** Where a replica dies: after it sent this notice and before it says so. */
let cut: ((id: string) => void) | undefined;

beforeAll(async () => {
  await Promise.all([ops.open(), slow.open()]);
  plane = await openNoticePlane({
    notifications: [
      { name: "ops", kind: "webhook", url: ops.url, signing: "notices/ops", on: ["approval"] },
      { name: "slow", kind: "webhook", url: slow.url, signing: "notices/ops", on: ["approval"] },
    ],
    secrets: { "notices/ops": `whsec_${Buffer.alloc(32, 7).toString("base64")}` },
    instead: { ...hurried, afterSend: (id) => cut?.(id) },
  });
});
afterAll(async () => {
  await plane?.close();
  await Promise.all([ops.close(), slow.close()]);
});
beforeEach(() => {
  cut = undefined;
  ops.answer = (_request, response) => void response.writeHead(200).end();
  slow.answer = (_request, response) => void response.writeHead(200).end();
});

const toOps = (action: string) => ops.all.filter(({ json }) => json.data.id === action);
const rows = async (action: string) => {
  const { json } = await plane.call("GET", `/v1/notices?subject=${action}`, { key: await plane.person(bo) });
  return json.notices;
};
const sent = (action: string) =>
  until(async () => {
    const all = await rows(action);
    return all.length === 2 && all.every((row: { state: string }) => row.state === "sent") ? all : undefined;
  });

it("a replica that dies after sending and before noting it has it sent again, under the same id: never lost, and to be told apart", async () => {
  const died = new Set<string>();
  cut = (id) => {
    if (died.has(id)) return;
    died.add(id);
    throw new Error("the replica is dead");
  };
  const action = await plane.hold();
  await until(async () => (died.size === 2 ? true : undefined));
  // The lease of whoever died runs out.
  const over = "update notice set lease_until = clock_timestamp() where id = any($1) and state = 'waiting'";
  await plane.database.owner.query(over, [[...died]]);
  await sent(action);
  const all = toOps(action);
  expect(all.length).toBe(2);
  expect(new Set(all.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  expect(new Set(all.map(({ body }) => body)).size).toBe(1);
});

it("two replicas send each notice once, and none of them twice at a time", async () => {
  const other = await plane.replica();
  const wait = (_request: unknown, response: import("node:http").ServerResponse) =>
    void setTimeout(() => response.writeHead(200).end(), 100);
  ops.answer = wait;
  const actions: string[] = [];
  for (let at = 0; at < 15; at++) actions.push(await plane.hold());
  for (const action of actions) await sent(action);
  for (const action of actions) {
    const all = toOps(action);
    expect(all).toHaveLength(1);
    expect(ops.atOnce.get(String(all[0]?.headers["webhook-id"]))).toBe(1);
  }
  await other.close();
});

it("a receiver that hangs keeps nobody else waiting: neither other channels, nor agents", async () => {
  slow.answer = () => undefined;
  const actions: string[] = [];
  // A channel gives up after ten seconds: eight that waited for it would take more than a minute.
  const began = performance.now();
  for (let at = 0; at < 8; at++) actions.push(await plane.hold());
  for (const action of actions) await until(async () => (toOps(action).length === 1 ? true : undefined), 9_000);
  expect(performance.now() - began).toBeLessThan(20_000);
  slow.answer = (_request, response) => void response.writeHead(200).end();
});

it("what happened while nobody told of it is told by whoever comes next", async () => {
  const late = await openNoticePlane({
    notifications: [{ name: "ops", kind: "webhook", url: ops.url, signing: "notices/ops", on: ["approval", "ended"] }],
    secrets: { "notices/ops": `whsec_${Buffer.alloc(32, 7).toString("base64")}` },
    instead: { everyMs: 100 },
  });
  const known = await late.hold();
  await until(async () => (toOps(known).length === 1 ? true : undefined));
  // From here on this replica is as good as dead to notices: another one holds their lock.
  const holding = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const locked = late.database.owner.transaction(async (tx) => {
    await tx.query("select 1 from notice_lock for update");
    held.resolve();
    await holding.promise;
  });
  await held.promise;
  const missed = await late.hold();
  const denied = await late.hold();
  await late.answerAs(bo, denied, "deny");
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect([...toOps(missed), ...toOps(denied)]).toEqual([]);
  const next = await late.replica({ instead: { notices: hurried } });
  await late.running.close();
  holding.resolve();
  await locked;
  await until(async () => (toOps(missed).length === 1 && toOps(denied).length === 1 ? true : undefined), 30_000);
  // What ended meanwhile is not asked any more; its end is told.
  expect(toOps(denied).map(({ json }) => json.type)).toEqual(["approval.ended"]);
  expect(toOps(missed).map(({ json }) => json.type)).toEqual(["approval.asked"]);
  await next.close();
  await late.close();
}, 90_000);

it("what was erased is told no more", async () => {
  const told = Promise.withResolvers<void>();
  ops.answer = (_request, response) => void told.promise.then(() => response.writeHead(500).end());
  const action = await plane.hold();
  await until(async () => (toOps(action).length > 0 ? true : undefined));
  // While it is on its way.
  await blankNotices(plane.database.db, [action]);
  told.resolve();
  const all = await rows(action);
  expect(all.every((row: { headline: string | null }) => row.headline === null)).toBe(true);
  const dead = all.find((row: { channel: string }) => row.channel === "ops");
  expect(dead).toMatchObject({ state: "dead", fault: "what this was about was erased" });
  const replay = await plane.call("POST", `/v1/notices/${dead.id}/replay`, { key: await plane.person(bo) });
  expect(replay.status).toBe(409);
});

it("no more dead letters are kept than 20,000, however many come on top of a full outbox", async () => {
  const { db } = plane.database;
  const { log } = plane.running.control.parts;
  const warned = vi.spyOn(log, "warn");
  const fill = (state: "waiting" | "dead", count: number) =>
    plane.database.owner.query(
      `insert into notice (id, event, type, subject, channel, body, state, due_at, fault, ended_at)
       select 'ntc_00' || left($1, 1) || lpad(n::text, 19, '0'), 'filled:' || $1 || n, 'approval.asked', 'act_filled', 'ops', '{}', $1,
         clock_timestamp() + interval '1 day', case $1 when 'dead' then 'nobody is there' end, case $1 when 'dead' then clock_timestamp() end
       from generate_series(1, $2::int) n`,
      [state, count],
    );
  const count = async () =>
    (await db.query<{ n: number }>("select count(*)::int as n from notice where state = 'dead'")).rows[0]?.n;
  await fill("waiting", mostDead);
  await fill("dead", mostDead);
  const action = await plane.hold();
  // Both channels' notices of it are dead letters, and the oldest went for them.
  const all = await until(async () => {
    const found = await rows(action);
    return found.length === 2 ? found : undefined;
  });
  expect(all.map(({ state, fault }: { state: string; fault: string }) => [state, fault])).toEqual(
    Array.from({ length: 2 }, () => ["dead", "20000 notices waited already"]),
  );
  await until(async () => ((await count()) === mostDead ? true : undefined));
  expect(warned.mock.calls.some(([, words]) => String(words).includes("the oldest were dropped"))).toBe(true);
  await plane.database.owner.query("delete from notice where subject = 'act_filled' and state = 'waiting'");
  await plane.database.owner.query(
    "update notice set id = 'ntc_00e' || substr(id, 8), event = 'older:' || event where subject = 'act_filled'",
  );
  await fill("dead", 500);
  await dropOldNotices(db);
  expect(await count()).toBe(mostDead);
  await plane.database.owner.query("delete from notice where subject = 'act_filled'");
}, 60_000);

describe("where nobody is to be told anything", () => {
  it("nothing is asked of the database", async () => {
    const quiet = await openTestPlane({
      edit: {
        "workflows/docs-upkeep.yaml": (text) => text.replace(/^escalation: .*$/m, ""),
        "workflows/repo-survey.yaml": (text) => text.replace(/^escalation: .*$/m, ""),
      },
    });
    const { control, assembled } = quiet.running;
    const query = vi.spyOn(control.parts.db, "query");
    const transaction = vi.spyOn(control.parts.db, "transaction");
    const notices = keepNotices(control, {
      store: assembled.connections.store,
      publicUrl: () => quiet.url,
      folder: quiet.folder,
      key: new Secret("a key"),
      instead: { everyMs: 1e9 },
    });
    await notices.step();
    const asked = () =>
      [
        ...query.mock.calls.map(([one]) => (typeof one === "string" ? one : one.text)),
        transaction.mock.calls.length,
      ].filter((one) => typeof one === "number" || /notice/.test(one));
    const first = asked();
    for (let at = 0; at < 5; at++) await notices.step();
    expect(asked().filter((one) => typeof one === "string")).toEqual(first.filter((one) => typeof one === "string"));
    expect(first).toContain("delete from notice_head");
    await notices.close();
    await quiet.close();
  });
});
