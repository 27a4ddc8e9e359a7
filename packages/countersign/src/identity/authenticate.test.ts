import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { openTestDatabase, type TestDatabase } from "../../../../test/support/database.ts";
import type { Problem } from "../floor/problem.ts";
import { authenticate, type Headers } from "./authenticate.ts";
import { issueKey } from "./issue-key.ts";
import { issueLink } from "./issue-link.ts";
import { mintKeyText } from "./key-text.ts";
import { lookAtLink, redeemLink } from "./redeem-link.ts";
import { cookieName, csrfOf, endSession, openSession, setCookie } from "./session.ts";
import {
  acme,
  directoryOf,
  HandClock,
  mcp,
  openReplica,
  publicUrl,
  type Replica,
  testSealer,
} from "./world.fixture.ts";

let database: TestDatabase;
const clock = new HandClock();
let replica: Replica;
let key: string;
const ana = "ana@acme.example";

beforeAll(async () => {
  database = await openTestDatabase();
  replica = await openReplica(database.db, clock, testSealer());
  const issued = await database.db.transaction((tx) =>
    issueKey(tx, clock, { agent: "reply-bot", environment: "production", by: ana }),
  );
  key = issued.shownOnce.reveal();
});
beforeEach(async () => {
  clock.wait(61_000);
  await replica.poll();
});
afterAll(() => database.close());

const enter = (headers: Headers, change = {}) => authenticate(headers, replica.door(change));
const request = (change = {}) => ({ method: "POST", url: mcp, source: "192.0.2.7", client: "browser", ...change });
const refusal = (headers: Headers, change = {}): Promise<Problem> =>
  enter(headers, change).then(
    () => Promise.reject(new Error("was let in")),
    (problem: Problem) => problem,
  );

it("whatever is wrong, anonymous or forged, the refusal is the same and repeats nothing that was sent", async () => {
  const unknown = mintKeyText("csk", "key_00000000000000000000000000").secret.reveal();
  const wrongSecret = mintKeyText("csk", `key_${key.slice(4, 30)}`).secret.reveal();
  const bad: Headers[] = [
    {},
    { authorization: "" },
    { authorization: "Bearer" },
    { authorization: `Basic ${Buffer.from(`reply-bot:${key}`).toString("base64")}` },
    { authorization: key },
    { authorization: `DPoP ${key}` },
    { authorization: `Bearer ${key}x` },
    { authorization: `Bearer ${key.slice(0, -1)}` },
    { authorization: `Bearer ${key}, Bearer ${key}` },
    { authorization: [`Bearer ${key}`, `Bearer ${key}`] },
    { authorization: `Bearer ${unknown}` },
    { authorization: `Bearer ${wrongSecret}` },
    { authorization: "Bearer a.b.c" },
    { authorization: `Bearer ${key.replace("csk", "csp")}` },
    { authorization: `Bearer ${"x".repeat(9000)}` },
    { authorization: `Bearer ${key}${" ".repeat(9000)}` },
    { cookie: `${cookieName(publicUrl)}=${key}` },
    { cookie: `${cookieName(publicUrl)}=${mintKeyText("css", "ses_00000000000000000000000000").secret.reveal()}` },
  ];
  const refusals = [];
  for (const [index, headers] of bad.entries())
    refusals.push(await refusal(headers, { request: request({ source: `10.0.0.${index}` }) }));
  const [first] = refusals;
  expect(first).toMatchObject({ code: "not_authenticated", detail: "credentials are missing or not valid" });
  for (const problem of refusals) {
    expect({ code: problem.code, detail: problem.detail, help: problem.help, cause: problem.cause }).toEqual({
      code: first?.code,
      detail: first?.detail,
      help: first?.help,
      cause: undefined,
    });
  }
  await enter({ authorization: `bearer   ${key}` });
});

it("a bad Authorization does not fall back to a good cookie", async () => {
  const session = await openSession(database.db, clock, { person: ana, method: "link" });
  const cookie = `${cookieName(publicUrl)}=${session.cookie.reveal()}`;
  const get = { request: request({ method: "GET" }) };
  expect(await enter({ cookie }, get)).toMatchObject({ kind: "person", email: ana, method: "link" });
  const guessed = mintKeyText("css", session.id).secret.reveal();
  expect(await refusal({ cookie: `${cookieName(publicUrl)}=${guessed}` }, get)).toMatchObject({
    code: "not_authenticated",
  });
  expect(await refusal({ cookie, authorization: "Bearer x" }, get)).toMatchObject({ code: "not_authenticated" });
});

it("a source that keeps failing hears too_many, alone, for a minute; a live key still opens there", async () => {
  const from = (source: string) => ({ request: request({ source }) });
  for (let i = 0; i < 20; i++)
    expect(await refusal({ authorization: "Bearer x" }, from("203.0.113.5"))).toMatchObject({
      code: "not_authenticated",
    });
  expect(await refusal({ authorization: "Bearer x" }, from("203.0.113.5"))).toMatchObject({ code: "too_many" });
  expect(await refusal({ authorization: "Bearer x" }, from("203.0.113.6"))).toMatchObject({
    code: "not_authenticated",
  });
  await enter({ authorization: `Bearer ${key}` }, from("203.0.113.5"));
  clock.wait(60_000);
  await replica.poll();
  expect(await refusal({ authorization: "Bearer x" }, from("203.0.113.5"))).toMatchObject({
    code: "not_authenticated",
  });
});

it("agents and CLIs are known without the database", async () => {
  const gone = { query: () => Promise.reject(new Error("the database was asked")) };
  expect(await enter({ authorization: `Bearer ${key}` }, { db: gone })).toMatchObject({ agent: "reply-bot" });
});

it("a session lives twelve hours at most and one hour without use", async () => {
  const session = await openSession(database.db, clock, { person: ana, method: "link" });
  const cookie = `${cookieName(publicUrl)}=${session.cookie.reveal()}`;
  const look = async () => {
    await replica.poll();
    return enter({ cookie }, { request: request({ method: "GET" }) }).then(
      () => true,
      () => false,
    );
  };
  for (let minutes = 0; minutes < 12 * 60 - 59; minutes += 59) {
    expect(await look()).toBe(true);
    clock.wait(59 * 60_000);
  }
  expect(await look()).toBe(true);
  clock.wait(12 * 60_000 - 1);
  expect(await look()).toBe(true);
  clock.wait(1);
  expect(await look()).toBe(false);
  const idle = await openSession(database.db, clock, { person: ana, method: "link" });
  clock.wait(3_600_000);
  await replica.poll();
  expect(await refusal({ cookie: `${cookieName(publicUrl)}=${idle.cookie.reveal()}` })).toMatchObject({
    code: "not_authenticated",
  });
});

it("a change by cookie needs the page's token; logging out ends it at once", async () => {
  const session = await openSession(database.db, clock, { person: ana, method: "link" });
  const value = session.cookie.reveal();
  const headers = { cookie: `theme=dark; ${cookieName(publicUrl)}=${value}` };
  expect(await refusal(headers)).toMatchObject({ code: "forbidden" });
  expect(await refusal({ ...headers, "x-countersign-csrf": csrfOf(`${value}x`) })).toMatchObject({ code: "forbidden" });
  await enter({ ...headers, "x-countersign-csrf": csrfOf(value) });
  await enter(headers, { request: request({ csrf: csrfOf(value) }) });
  await endSession(database.db, clock, { which: { person: ana }, by: ana });
  expect(await refusal({ ...headers, "x-countersign-csrf": csrfOf(value) })).toMatchObject({
    code: "not_authenticated",
  });
  expect(setCookie(publicUrl, session)).toMatch(
    /^__Host-countersign=css_\w+; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure$/,
  );
  expect(setCookie("http://localhost:4600")).toBe("countersign=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict");
});

it("a login link works once, on POST, for ten minutes, for someone who is still there", async () => {
  const link = () => database.db.transaction((tx) => issueLink(tx, clock, acme, { person: ana, by: "server" }));
  const use = (text: string, directory = acme) =>
    database.db.transaction(async (tx) => {
      const { person, origin } = await redeemLink(tx, clock, directory, text);
      return openSession(tx, clock, { person: person.email, method: "link", origin });
    });
  const first = (await link()).shownOnce.reveal();
  for (let i = 0; i < 3; i++) expect((await lookAtLink(database.db, clock, acme, first))?.email).toBe(ana);
  const used = await Promise.allSettled(Array.from({ length: 8 }, () => use(first)));
  expect(used.filter((one) => one.status === "fulfilled")).toHaveLength(1);
  expect(await lookAtLink(database.db, clock, acme, first)).toBeUndefined();
  const late = (await link()).shownOnce.reveal();
  clock.wait(600_000);
  await expect(use(late)).rejects.toMatchObject({ code: "not_authenticated" });
  const left = (await link()).shownOnce.reveal();
  await expect(use(left, directoryOf([], []))).rejects.toMatchObject({ code: "not_authenticated" });
  await expect(use(mintKeyText("csl", `tok_${left.slice(4, 30)}`).secret.reveal())).rejects.toMatchObject({
    code: "not_authenticated",
  });
  const nobody = database.db.transaction((tx) =>
    issueLink(tx, clock, acme, { person: "eve@evil.example", by: "server" }),
  );
  await expect(nobody).rejects.toMatchObject({ code: "not_found" });
});

it("a person who has left opens nothing with a session that lives on", async () => {
  const session = await openSession(database.db, clock, { person: ana, method: "link" });
  const problem = await refusal(
    { cookie: `${cookieName(publicUrl)}=${session.cookie.reveal()}` },
    { directory: directoryOf([], []), request: request({ method: "GET" }) },
  );
  expect(problem).toMatchObject({ code: "forbidden", detail: "`ana@acme.example` is no longer in the workspace" });
});
