import { afterAll, beforeAll, expect, it } from "vitest";
import type { Running } from "../../packages/countersign/src/serve.ts";
import { type AuthorizationServer, startAuthorizationServer } from "../conformance/authorization-server.ts";
import { ana, openTestPlane, type TestPlane, until } from "../support/plane.ts";
import { type ProtectedServer, startProtectedServer } from "../support/protected-server.ts";

const [first, second, third] = ["first-client-s3cret", "second-client-s3cret", "third-client-s3cret"];
let idp: AuthorizationServer;
let upstream: ProtectedServer;
let plane: TestPlane;
let other: Running;
let agent: string;
let asAna: string;
let url = "";

beforeAll(async () => {
  idp = await startAuthorizationServer();
  upstream = await startProtectedServer("legacy", async (token) =>
    idp.valid.has(token) ? { account: "the-plane", audience: url } : undefined,
  );
  url = upstream.url;
  plane = await openTestPlane({
    edit: {
      "workflows/docs-upkeep.yaml": (text) =>
        text
          .replace("pattern: guardrailed", "pattern: autonomous-nonprod")
          .replace("allow:\n", "allow:\n  - tickets.whoami\n")
          .replace("perMinute: 60", "perMinute: 6000"),
    },
    add: {
      "tools/tickets.yaml": `server: tickets
transport:
  kind: http
  url: ${url}
  auth:
    kind: oauth
    grant: client_credentials
    issuer: ${idp.issuer}
    clientId: plane
    clientSecret: secret://tickets-client
environment: sandbox
tools:
  whoami: { verb: read, environment: server, target: the account }
`,
    },
  });
  other = await plane.replica();
  [agent, asAna] = [await plane.agent("scribe"), await plane.person(ana)];
});
afterAll(async () => {
  await plane?.close();
  await upstream?.close();
  await idp?.close();
});

const put = async (value: string) => {
  const body = { name: "tickets-client", value };
  expect((await plane.call("PUT", "/v1/secrets", { key: asAna, body })).status).toBe(201);
};
const call = async (at = plane.url) => {
  const body = { server: "tickets", tool: "whoami", arguments: {} };
  const { json } = await plane.call("POST", "/v1/actions", { key: agent, url: at, body });
  return json.state === "done" ? json.result.content[0].text : `${json.state}: ${json.sentence ?? json.detail}`;
};
const both = async () => [await call(), await call(other.url)];
const basic = (secret: string) => `Basic ${Buffer.from(`plane:${secret}`).toString("base64")}`;
/** The credentials that its tokens were fetched with, each once. */
const fetchedWith = (from = 0) => [...new Set(idp.requests.slice(from).map(({ how }) => how))];
/** Each of the two replicas has a token for the workflow, and one to ask what tools there are. */
const allFetched = (from = 0) => expect.poll(() => idp.requests.length - from, { timeout: 60_000 }).toBe(4);

it("a token is fetched with the client's secret, and held for the calls after", async () => {
  await put(first);
  const reviews = await until(async () => {
    const { json } = await plane.call("GET", "/v1/catalog/reviews", { key: asAna });
    const found = json.reviews.filter((one: { server: string }) => one.server === "tickets");
    return found.length === 0 ? undefined : found;
  }, 60_000);
  for (const { tool, digest } of reviews) {
    const body = { server: "tickets", tool, digest, answer: "approve" };
    expect((await plane.call("POST", "/v1/catalog/reviews", { key: asAna, body })).status).toBe(200);
  }
  await until(async () => ((await call(other.url)) === "the-plane" ? true : undefined), 60_000);
  expect(await both()).toEqual(["the-plane", "the-plane"]);
  await allFetched();
  expect(await both()).toEqual(["the-plane", "the-plane"]);
  expect(idp.requests).toHaveLength(4);
  expect(fetchedWith()).toEqual([basic(first)]);
});

it("a new version is used from the next call on, on every replica, and what the old one fetched is not", async () => {
  const before = idp.requests.length;
  const old = new Set(idp.valid);
  await put(second);
  upstream.presented.clear();
  expect(await both()).toEqual(["the-plane", "the-plane"]);
  expect(fetchedWith(before)).toEqual([basic(second)]);
  for (const header of upstream.presented) expect(old.has(header.slice("Bearer ".length)), "an old token").toBe(false);
  await allFetched(before);
});

it("with the secret that is removed ends what it opened: nothing more is fetched, sent, or held, and the call says why", async () => {
  const body = { name: "tickets-client", although: "it stood in a chat" };
  expect((await plane.call("POST", "/v1/secrets/remove", { key: asAna, body })).status).toBe(200);
  const fetched = idp.requests.length;
  const seen = upstream.seen.filter(({ method }) => method === "tools/call").length;
  for (const answer of await both()) expect(answer).toMatch(/^failed: .*there is no secret `tickets-client`/);
  // Whatever it would still take, it is shown nothing.
  expect(idp.requests).toHaveLength(fetched);
  expect(upstream.seen.filter(({ method }) => method === "tools/call")).toHaveLength(seen);
  await expect.poll(() => upstream.streams.get("the-plane"), { timeout: 60_000 }).toBe(0);
});

it("put anew, it opens again, with what was put", async () => {
  const before = idp.requests.length;
  await put(third);
  expect(await both()).toEqual(["the-plane", "the-plane"]);
  expect(fetchedWith(before)).toEqual([basic(third)]);
});
