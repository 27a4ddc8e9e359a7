import { afterAll, beforeAll, expect, it } from "vitest";
import { openTestDatabase, type TestDatabase } from "../../../../test/support/database.ts";
import type { Problem } from "../floor/problem.ts";
import { authenticate } from "./authenticate.ts";
import { dayMs } from "./credential.ts";
import { requireFresh } from "./credentials.ts";
import { issueKey } from "./issue-key.ts";
import { issuePersonToken } from "./issue-person-token.ts";
import { registerPublicKey } from "./register-public-key.ts";
import { revokeCredential } from "./revoke-credential.ts";
import { rotateKey } from "./rotate-key.ts";
import { listCredentials } from "./sql.ts";
import { HandClock, keyPair, openReplica, type Replica, testSealer } from "./world.fixture.ts";

let database: TestDatabase;
const clock = new HandClock();
const sealer = testSealer();
let one: Replica;
let two: Replica;
const by = "ana@acme.example";

beforeAll(async () => {
  database = await openTestDatabase();
  one = await openReplica(database.db, clock, sealer);
  two = await openReplica(database.db, clock, sealer);
});
afterAll(() => database.close());

const issue = (agent: string, environment: string) =>
  database.db.transaction((tx) => issueKey(tx, clock, { agent, environment, by }));
const bearer = (secret: { reveal(): string }) => ({ authorization: `Bearer ${secret.reveal()}` });
const poll = () => Promise.all([one.poll(), two.poll()]);
const revoke = (id: string) =>
  database.db.transaction((tx) => revokeCredential(tx, clock, { which: { id }, by, because: "leaked" }));

it("a key opens its agent's account, with owner, workflow, tier and environment, and is nowhere in the database", async () => {
  const { credential, shownOnce, entry } = await issue("deploy-bot", "staging");
  await poll();
  expect(await authenticate(bearer(shownOnce), one.door())).toEqual({
    kind: "agent",
    agent: "deploy-bot",
    owner: "bo@acme.example",
    workflow: "replies",
    dri: "ana@acme.example",
    tier: 1,
    groups: ["bots"],
    credential: credential.id,
    environment: "staging",
    // It acts for nobody: whoever issued the key counts as who asks.
    vouchedBy: [credential.createdBy],
  });
  expect(JSON.stringify(entry)).not.toContain(shownOnce.reveal().slice(31));
  const { rows } = await database.owner.query<{ line: string }>("select credential::text as line from credential");
  expect(rows.map((row) => row.line).join()).not.toContain(shownOnce.reveal().slice(31, 60));
});

it("MT-111 a key is rotated under use: two are live, the old one ends alone, no call is lost", async () => {
  const first = await issue("reply-bot", "production");
  await poll();
  let calls = 0;
  const call = async (secret: { reveal(): string }) => {
    await authenticate(bearer(secret), (calls % 2 === 0 ? one : two).door());
    calls += 1;
  };
  for (let i = 0; i < 50; i++) await call(first.shownOnce);
  const second = await database.db.transaction((tx) =>
    rotateKey(tx, clock, { agent: "reply-bot", environment: "production", by }),
  );
  expect(second.replaces).toBe(first.credential.id);
  expect(second.entry.payload).toMatchObject({ deed: "rotated", replaces: first.credential.id });
  await poll();
  for (let i = 0; i < 50; i++) await call(i % 2 === 0 ? first.shownOnce : second.shownOnce);
  await revoke(first.credential.id);
  await poll();
  for (let i = 0; i < 50; i++) await call(second.shownOnce);
  expect(calls).toBe(150);
  for (const replica of [one, two]) {
    await expect(authenticate(bearer(first.shownOnce), replica.door())).rejects.toMatchObject({
      code: "not_authenticated",
    });
  }
});

it("a third key is a conflict that says which to revoke, in that environment only", async () => {
  const first = await issue("reply-bot", "dev");
  clock.wait(1000);
  await issue("reply-bot", "dev");
  const refused = await issue("reply-bot", "dev").catch((problem: Problem) => problem);
  expect(refused).toMatchObject({ code: "conflict", help: expect.stringContaining(first.credential.id) });
  await issue("reply-bot", "test");
  await revoke(first.credential.id);
  await issue("reply-bot", "dev");
});

it("of ten keys asked for at once, two are made", async () => {
  const made = await Promise.allSettled(Array.from({ length: 10 }, () => issue("deploy-bot", "burst")));
  expect(made.filter((one) => one.status === "fulfilled")).toHaveLength(2);
  for (const one of made) if (one.status === "rejected") expect(one.reason).toMatchObject({ code: "conflict" });
});

it("the table itself holds no third key", async () => {
  const insert = (slot: number) =>
    database.owner.query(
      `insert into credential (id, kind, subject, environment, hash, slot, created_at, created_by, expires_at)
       values ('key_forged' || $1::int, 'agent_key', 'deploy-bot', 'burst', sha256($1::int::text::bytea), $1::int, now(), 'x', now())`,
      [slot],
    );
  await expect(insert(2)).rejects.toMatchObject({ cause: { constraint: "credential_slot" } });
  await expect(insert(3)).rejects.toMatchObject({ cause: { constraint: "credential_slot_check" } });
});

it("a key that has expired opens nothing, without any poll, and leaves its place to another", async () => {
  const short = await database.db.transaction((tx) =>
    issueKey(tx, clock, { agent: "deploy-bot", environment: "short", by, expiresInMs: 1500 }),
  );
  await poll();
  clock.wait(1000);
  await authenticate(bearer(short.shownOnce), one.door());
  clock.wait(501);
  await expect(authenticate(bearer(short.shownOnce), one.door())).rejects.toMatchObject({ code: "not_authenticated" });
  await issue("deploy-bot", "short");
  await issue("deploy-bot", "short");
});

it("a life of no time, for ever, or past a year is refused", async () => {
  for (const expiresInMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 366 * dayMs]) {
    const wanted = { agent: "deploy-bot", environment: "x", by, expiresInMs };
    await expect(database.db.transaction((tx) => issueKey(tx, clock, wanted))).rejects.toMatchObject({
      code: "invalid",
    });
  }
});

it("all that an agent holds ends with one deed; another's stays", async () => {
  const [mine, other] = [await issue("reply-bot", "all"), await issue("deploy-bot", "all")];
  const pair = await keyPair();
  await database.db.transaction((tx) =>
    registerPublicKey(tx, clock, { agent: "reply-bot", environment: "all", jwk: pair.jwk, by }),
  );
  const { revoked } = await database.db.transaction((tx) =>
    revokeCredential(tx, clock, { which: { subject: "reply-bot" }, by, because: "compromised" }),
  );
  expect(revoked.map((row) => row.kind)).toContain("agent_jwk");
  await poll();
  expect(two.set().publicKeysOf.get("reply-bot")).toBeUndefined();
  await expect(authenticate(bearer(mine.shownOnce), two.door())).rejects.toMatchObject({ code: "not_authenticated" });
  await authenticate(bearer(other.shownOnce), two.door());
  const again = registerPublicKey(database.db, clock, { agent: "reply-bot", environment: "all", jwk: pair.jwk, by });
  await expect(again).rejects.toMatchObject({ code: "conflict", detail: "this public key has been revoked" });
});

it("an agent whose owner has left is frozen, and so is one that left the workspace", async () => {
  const [orphan, stranger] = [await issue("lost-bot", "production"), await issue("never-declared", "production")];
  await poll();
  await expect(authenticate(bearer(orphan.shownOnce), one.door())).rejects.toMatchObject({
    code: "forbidden",
    detail: "agent `lost-bot` is frozen: its owner `gone@acme.example` is no longer in the workspace",
  });
  await expect(authenticate(bearer(stranger.shownOnce), one.door())).rejects.toMatchObject({ code: "forbidden" });
});

it("a replica that cannot confirm what is live lets nobody in", async () => {
  const { shownOnce } = await issue("deploy-bot", "stale");
  await poll();
  clock.wait(5_001);
  await expect(authenticate(bearer(shownOnce), one.door())).rejects.toMatchObject({ code: "unavailable" });
  await one.poll();
  await authenticate(bearer(shownOnce), one.door());
  expect(() => requireFresh(two.set(), clock.tick())).toThrow("cannot be confirmed");
});

it("a person's CLI token opens their account until it is revoked, and never an agent's", async () => {
  await poll();
  const { credential, shownOnce } = await database.db.transaction((tx) =>
    issuePersonToken(tx, clock, { person: "bo@acme.example", by: "bo@acme.example", note: "laptop" }),
  );
  await poll();
  expect(await authenticate(bearer(shownOnce), one.door())).toMatchObject({
    kind: "person",
    email: "bo@acme.example",
    method: "cli",
  });
  await revoke(credential.id);
  await poll();
  await expect(authenticate(bearer(shownOnce), one.door())).rejects.toMatchObject({ code: "not_authenticated" });
  await expect(revoke(credential.id)).rejects.toMatchObject({ code: "not_found" });
  const lines = await listCredentials(database.db, "bo@acme.example");
  expect(lines).toMatchObject([{ id: credential.id, note: "laptop", revokedAtMs: clock.now() }]);
  expect(JSON.stringify(lines)).not.toMatch(/hash/);
});

it("a key that acts for a person has places of its own, says so at each use, and is of no use once they have left", async () => {
  const account = { agent: "reply-bot", environment: "sandbox", by };
  const issueFor = (onBehalfOf?: string) =>
    database.db.transaction((tx) =>
      issueKey(tx, clock, { ...account, ...(onBehalfOf === undefined ? {} : { onBehalfOf }) }),
    );
  const forAna = await issueFor("ana@acme.example");
  await issueFor("ana@acme.example");
  const forBo = await issueFor("bo@acme.example");
  const forNobody = await issueFor();
  const forGone = await issueFor("gone@acme.example");
  await expect(issueFor("ana@acme.example")).rejects.toMatchObject({ code: "conflict" });
  await poll();
  const callerOf = (made: { shownOnce: { reveal(): string } }) => authenticate(bearer(made.shownOnce), one.door());
  expect(await callerOf(forAna)).toMatchObject({ agent: "reply-bot", onBehalfOf: "ana@acme.example" });
  expect(await callerOf(forBo)).toMatchObject({ onBehalfOf: "bo@acme.example" });
  expect(await callerOf(forNobody)).not.toHaveProperty("onBehalfOf");
  await expect(callerOf(forGone)).rejects.toMatchObject({ code: "forbidden" });
  const rotated = await database.db.transaction((tx) =>
    rotateKey(tx, clock, { ...account, onBehalfOf: "bo@acme.example" }),
  );
  expect(rotated.replaces).toBe(forBo.credential.id);
  const lines = await listCredentials(database.db, "reply-bot");
  expect(lines.find(({ id }) => id === rotated.credential.id)?.onBehalfOf).toBe("bo@acme.example");
});
