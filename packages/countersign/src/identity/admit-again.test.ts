import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { openTestDatabase, type TestDatabase } from "../../../../test/support/database.ts";
import type { Tx } from "../db/db.ts";
import { type Admitted, admitAgain, tokenIn } from "./admit-again.ts";
import { authenticate, type Headers } from "./authenticate.ts";
import { exchange } from "./exchange.ts";
import { issueKey } from "./issue-key.ts";
import { issuePersonToken } from "./issue-person-token.ts";
import { registerPublicKey } from "./register-public-key.ts";
import { revokeCredential } from "./revoke-credential.ts";
import { cookieName, endSession, openSession } from "./session.ts";
import {
  acme,
  directoryOf,
  HandClock,
  keyPair,
  mcp,
  openReplica,
  publicUrl,
  type Replica,
  signAssertion,
  testSealer,
  tokenForm,
} from "./world.fixture.ts";

const clock = new HandClock();
const [ana, bo] = ["ana@acme.example", "bo@acme.example"];
let database: TestDatabase;
let replica: Replica;

beforeAll(async () => {
  database = await openTestDatabase();
  replica = await openReplica(database.db, clock, testSealer());
});
beforeEach(async () => {
  clock.wait(61_000);
  await replica.poll();
});
afterAll(() => database.close());

async function admitted(headers: Headers): Promise<Admitted> {
  const request = { method: "GET", url: mcp, source: "192.0.2.7", client: "test" };
  return { who: await authenticate(headers, replica.door({ request })), token: tokenIn(headers) };
}

const change = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => database.db.transaction(work);

async function browser(person: string): Promise<Admitted> {
  const { cookie } = await change((tx) => openSession(tx, clock, { person, method: "link" }));
  return admitted({ cookie: `${cookieName(publicUrl)}=${cookie.reveal()}` });
}

async function commandLine(person: string): Promise<Admitted> {
  const { shownOnce } = await change((tx) => issuePersonToken(tx, clock, { person, by: ana }));
  await replica.poll();
  return admitted({ authorization: `Bearer ${shownOnce.reveal()}` });
}

async function agentKey(agent: string, environment: string, expiresInMs?: number): Promise<Admitted> {
  const life = expiresInMs === undefined ? {} : { expiresInMs };
  const { shownOnce } = await change((tx) => issueKey(tx, clock, { agent, environment, by: ana, ...life }));
  await replica.poll();
  return admitted({ authorization: `Bearer ${shownOnce.reveal()}` });
}

async function shortToken(environment: string): Promise<Admitted> {
  const pair = await keyPair();
  await change((tx) => registerPublicKey(tx, clock, { agent: "reply-bot", environment, jwk: pair.jwk, by: ana }));
  await replica.poll();
  const form = tokenForm(await signAssertion(clock, pair));
  const answer = await change((tx) => exchange(tx, clock, form, replica.tokenDoor()));
  if (answer.status !== 200) throw new Error(JSON.stringify(answer));
  return admitted({ authorization: `Bearer ${answer.body.access_token}` });
}

const again = (all: readonly Admitted[], more: Partial<Parameters<typeof admitAgain>[1]> = {}) =>
  admitAgain(all, replica.door(more));
const isIn = async (all: readonly Admitted[], more = {}) => (await again(all, more)).map((one) => one !== undefined);

it("asks with one statement for the sessions of all, with none for keys, and it is no use of any", async () => {
  const people = [await browser(ana), await browser(bo), await browser(bo), await commandLine(ana)];
  const agents = [await agentKey("reply-bot", "production"), await agentKey("deploy-bot", "production")];
  const seen = "select id, seen_at from person_session order by id";
  const before = (await database.db.query(seen)).rows;
  clock.wait(300_000);
  await replica.poll();
  let asked = 0;
  const db: Tx = {
    query(statement, values) {
      asked += 1;
      return database.db.query(statement, values);
    },
  };
  expect(await isIn([...people, ...agents], { db })).toEqual(Array(6).fill(true));
  expect(asked).toBe(1);
  expect(await isIn(agents, { db })).toEqual([true, true]);
  expect(asked).toBe(1);
  expect((await database.db.query(seen)).rows).toEqual(before);
});

it("a session that was ended, was not used for an hour, or is twelve hours old is over", async () => {
  const [ended, kept] = [await browser(bo), await browser(bo)];
  await change((tx) => endSession(tx, clock, { which: { id: ended.who.credential }, by: ana }));
  expect(await isIn([ended, kept])).toEqual([false, true]);
  clock.wait(3_600_000);
  await replica.poll();
  expect(await isIn([kept])).toEqual([false]);
  const old = await browser(bo);
  const [{ untilMs } = { untilMs: 0 }] = await again([old]);
  expect(untilMs).toBe(clock.now() + 12 * 3_600_000);
});

it("a revoked key and a revoked command line are out, and nobody else", async () => {
  const [gone, kept] = [await agentKey("reply-bot", "leaked"), await agentKey("reply-bot", "kept")];
  const [line, other] = [await commandLine(bo), await commandLine(bo)];
  for (const { who } of [gone, line])
    await change((tx) => revokeCredential(tx, clock, { which: { id: who.credential }, by: ana, because: "leaked" }));
  await replica.poll();
  expect(await isIn([gone, kept, line, other])).toEqual([false, true, false, true]);
});

it("a short token is out when it runs out, when its key is revoked, and a registered key alone is never in", async () => {
  const [first, second] = [await shortToken("first"), await shortToken("second")];
  expect(await isIn([first, { ...first, token: undefined }, { ...first, token: second.token }])).toEqual([
    true,
    false,
    false,
  ]);
  const { credential: id } = second.who;
  await change((tx) => revokeCredential(tx, clock, { which: { id }, by: ana, because: "leaked" }));
  await replica.poll();
  expect(await isIn([first, second])).toEqual([true, false]);
  const [{ untilMs } = { untilMs: 0 }] = await again([first]);
  clock.wait(untilMs - clock.now());
  await replica.poll();
  expect(await isIn([first, { ...first, isBegun: true }, { ...second, isBegun: true }])).toEqual([false, true, false]);
});

it("tells who they are now, and nothing of who has left or whose agent is frozen", async () => {
  const [person, agent] = [await browser(bo), await agentKey("deploy-bot", "now")];
  const bot = acme.agents.get("deploy-bot");
  if (bot === undefined) throw new Error("there is no such agent");
  const people = [...acme.people.values()];
  const moved = directoryOf(
    [{ ...bot, workflow: "deploys" }],
    people.map((one) => ({ ...one, groups: ["other"] })),
  );
  const [asPerson, asAgent] = await again([person, agent], { directory: moved });
  expect(asPerson?.who).toMatchObject({ email: bo, groups: ["other"] });
  expect(asAgent?.who).toMatchObject({ agent: "deploy-bot", workflow: "deploys" });
  const without = directoryOf(
    [...acme.agents.values()],
    people.filter(({ email }) => email !== bo),
  );
  expect(await isIn([person, agent], { directory: without })).toEqual([false, false]);
});

it("where revocations may have been missed nobody is let in", async () => {
  const one = await agentKey("reply-bot", "stale");
  clock.wait(6_000);
  await expect(again([one])).rejects.toMatchObject({ code: "unavailable" });
});
