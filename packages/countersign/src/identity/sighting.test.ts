import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestDatabase, type TestDatabase } from "../../../../test/support/database.ts";
import { authenticate } from "./authenticate.ts";
import { flushUses } from "./flush-uses.ts";
import { forgetExpired } from "./forget-expired.ts";
import { issueKey } from "./issue-key.ts";
import { reportSharing } from "./report-sharing.ts";
import { quietMs, sharedUses, UseLog } from "./sighting.ts";
import { listCredentials } from "./sql.ts";
import { HandClock, mcp, openReplica, testSealer } from "./world.fixture.ts";

const minute = 60_000;
const seen = (...uses: [client: string, address: string, minutes: number][]) => {
  const log = new UseLog();
  for (const [client, address, at] of uses) log.observe({ credential: "key_1", client, address, atMs: at * minute });
  return sharedUses(log.take(0));
};

describe("what counts as shared", () => {
  it("two clients by turns", () => {
    expect(seen(["a", "ip", 0], ["b", "ip", 1], ["a", "ip", 2])).toMatchObject([
      { credential: "key_1", differs: ["client"] },
    ]);
  });
  it("two addresses by turns, and both", () => {
    expect(seen(["a", "ip1", 0], ["a", "ip2", 1], ["a", "ip1", 2])).toMatchObject([{ differs: ["address"] }]);
    expect(seen(["a", "ip1", 0], ["b", "ip2", 1], ["a", "ip1", 2])).toMatchObject([{ differs: ["address", "client"] }]);
  });
  it("not one client that moves on, nor one that comes back after a pause", () => {
    expect(seen(["a", "ip1", 0], ["a", "ip1", 5], ["a", "ip2", 6], ["a", "ip2", 9])).toEqual([]);
    expect(seen(["a", "ip1", 0], ["a", "ip2", 5], ["a", "ip1", 15])).toEqual([]);
  });
  it("not two keys", () => {
    const log = new UseLog();
    for (const credential of ["key_1", "key_2"]) {
      for (const atMs of [0, 1, 2]) log.observe({ credential, client: credential, address: "ip", atMs });
    }
    expect(sharedUses(log.take(0))).toEqual([]);
  });
});

it("memory is bounded, however many names a client invents, and freed when it is quiet", () => {
  const log = new UseLog();
  for (let i = 0; i < 1000; i++)
    log.observe({ credential: "key_1", client: `c${i}\u0000\u202e${"x".repeat(500)}`, address: "ip", atMs: i });
  const taken = log.take(1000);
  expect(taken).toHaveLength(16);
  expect(taken[0]?.client).toHaveLength(120);
  expect(taken[0]?.client).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(log.take(1000)).toHaveLength(0);
  expect(log.take(1000 + quietMs)).toHaveLength(0);
  log.observe({ credential: "key_1", client: "new", address: "ip", atMs: 1000 + quietMs });
  expect(log.take(1000 + quietMs)).toHaveLength(1);
});

describe("over replicas", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database.close());

  it("MT-116 the same key used by two agents' clients at two replicas is flagged; a key of one is not", async () => {
    const clock = new HandClock();
    const issue = (agent: string) =>
      database.db.transaction((tx) =>
        issueKey(tx, clock, { agent, environment: "production", by: "ana@acme.example" }),
      );
    const [shared, own] = [await issue("reply-bot"), await issue("deploy-bot")];
    const replica = await openReplica(database.db, clock, testSealer());
    const [one, two] = [new UseLog(), new UseLog()];
    const use = async (key: typeof shared, uses: UseLog, client: string, source: string) => {
      await replica.poll();
      await authenticate(
        { authorization: `Bearer ${key.shownOnce.reveal()}` },
        replica.door({ uses, request: { method: "POST", url: mcp, source, client } }),
      );
    };
    for (let turn = 0; turn < 3; turn++) {
      await use(shared, one, "reply-bot/1.0", "192.0.2.7");
      await use(own, one, "deploy-bot/1.0", "192.0.2.9");
      clock.wait(minute);
      await use(shared, two, "research-bot/0.3", "192.0.2.8");
      await flushUses(database.db, clock, one);
      await flushUses(database.db, clock, two);
    }
    const report = await reportSharing(database.db, clock);
    expect(report).toHaveLength(1);
    expect(report[0]).toMatchObject({ credential: shared.credential.id, differs: ["address", "client"] });
    expect(report[0]?.sightings.map((one) => [one.client, one.uses])).toEqual([
      ["reply-bot/1.0", 3],
      ["research-bot/0.3", 3],
    ]);
    const [line] = await listCredentials(database.db, "reply-bot");
    expect(line?.lastUsedAtMs).toBe(clock.now());
    clock.wait(31 * 86_400_000);
    await forgetExpired(database.db, clock);
    expect(await reportSharing(database.db, clock, 365)).toEqual([]);
  });
});
