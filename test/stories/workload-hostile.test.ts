import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { systemClock } from "../../packages/countersign/src/floor/clock.ts";
import { type HostileProvider, startHostileProvider } from "../support/hostile-provider.ts";
import { openTestPlane, type Reply, type TestPlane, until } from "../support/plane.ts";

let issuer: HostileProvider;
let plane: TestPlane;
let aheadTicks = 0;
beforeAll(async () => {
  issuer = await startHostileProvider("of no client");
  const rule = () => `    identity:
      - { issuer: "${issuer.issuer}", environment: sandbox, claims: { sub: subject-1 } }
`;
  plane = await openTestPlane({
    edit: {
      "countersign.yaml": (text) =>
        text
          .replace("  listen:", "  trustedProxies: [127.0.0.1]\n  listen:")
          .replace("owner: ana@acme.example\n", `owner: ana@acme.example\n${rule()}`),
    },
    clock: { now: () => systemClock.now(), tick: () => systemClock.tick() + aheadTicks },
  });
});
afterAll(async () => {
  await plane?.close();
  await issuer?.close();
});
beforeEach(async () => {
  Object.assign(issuer, { claims: { aud: plane.url }, metadata: {}, sign: "right" });
  issuer.instead.clear();
  // What was read of the issuer before is not believed any more.
  aheadTicks += 601_000;
  await until(async () => ((await plane.call("GET", "/readyz")).status === 200 ? true : undefined));
});

let sources = 0;

/** What the issuer signs now, brought from an address of its own: who keeps failing from one is not worked for. */
async function bring(): Promise<Reply> {
  const signed = (await (await fetch(`${issuer.issuer}/token`, { method: "POST" })).json()) as { id_token: string };
  const raw = new URLSearchParams({
    grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
    assertion: signed.id_token,
    resource: `${plane.url}/v1`,
  }).toString();
  const source = `203.0.113.${++sources}`;
  const headers = { "content-type": "application/x-www-form-urlencoded", "x-forwarded-for": source };
  return plane.call("POST", "/oauth/token", { raw, headers });
}

const error = async (): Promise<readonly [number, string]> => {
  const { status, json, text } = await bring();
  expect(text).not.toMatch(/Error:|\bat \/|node_modules|ECONN|127\.0\.0\.1\/private/);
  return [status, json.error ?? json.token_type];
};

it("MT-111 an honest answer is taken", async () => {
  expect(await error()).toEqual([200, "Bearer"]);
});

it.each<[string, Partial<Pick<HostileProvider, "sign" | "claims">>]>([
  ["is signed with another key", { sign: "other key" }],
  ["is not signed", { sign: "unsigned" }],
  ["is signed with what both know", { sign: "hmac" }],
  ["is of another issuer", { claims: { iss: "https://other.example" } }],
  ["is for somebody else", { claims: { aud: "https://other.example" } }],
  ["is for several", { claims: { aud: ["https://other.example", "https://third.example"] } }],
  ["is about somebody else", { claims: { sub: "subject-11" } }],
  ["is over", { claims: { exp: 1_000_000_000 } }],
  ["is of tomorrow", { claims: { nbf: 9_000_000_000 } }],
  ["lives for years", { claims: { exp: 9_000_000_000 } }],
])("a token that %s opens nothing", async (_, told) => {
  const claims = { aud: plane.url, ...told.claims };
  Object.assign(issuer, told, { claims });
  expect(await error()).toEqual([400, "invalid_grant"]);
});

const metadataPath = "/.well-known/openid-configuration";

it.each<[string, () => void]>([
  ["names another issuer", () => Object.assign(issuer, { metadata: { issuer: "https://other.example" } })],
  ["names an issuer that begins so", () => Object.assign(issuer, { metadata: { issuer: `${issuer.issuer}/` } })],
  ["sends elsewhere for its keys", () => issuer.instead.set("/jwks", (send) => send(302, "", { location: "/token" }))],
  ["sends elsewhere for all", () => issuer.instead.set(metadataPath, (send) => send(307, "", { location: "/jwks" }))],
  ["answers without an end to its size", () => issuer.instead.set("/jwks", (send) => send(200, " ".repeat(2_000_000)))],
  ["answers a page", () => issuer.instead.set("/jwks", (send) => send(200, "<h1>keys</h1>"))],
  ["is broken", () => issuer.instead.set(metadataPath, (send) => send(500, "{}"))],
  [
    "keeps its keys at a door of this machine",
    () => Object.assign(issuer, { metadata: { jwks_uri: "https://localhost/private" } }),
  ],
  [
    "keeps its keys where clouds keep credentials",
    () => Object.assign(issuer, { metadata: { jwks_uri: "http://169.254.169.254/latest" } }),
  ],
  ["keeps its keys in a file", () => Object.assign(issuer, { metadata: { jwks_uri: "file:///etc/passwd" } })],
])("an issuer that %s vouches for nobody", async (_, lie) => {
  lie();
  expect(await error()).toEqual([503, "temporarily_unavailable"]);
});

it("an issuer that says where another service's door is has nobody knock there", async () => {
  let knocks = 0;
  const inside = createServer((_, response) => {
    knocks += 1;
    response.end("{}");
  });
  await new Promise<void>((resolve) => inside.listen(0, "127.0.0.1", resolve));
  const { port } = inside.address() as AddressInfo;
  try {
    Object.assign(issuer, { metadata: { jwks_uri: `http://localhost:${port}/private` } });
    expect(await error()).toEqual([503, "temporarily_unavailable"]);
    expect(knocks).toBe(0);
  } finally {
    await new Promise((resolve) => inside.close(resolve));
  }
});

it("an issuer that does not answer keeps nobody else waiting, and is given up", async () => {
  const times = (): number => issuer.asked.filter((path) => path === metadataPath).length;
  const before = times();
  issuer.instead.set(metadataPath, () => undefined);
  const waiting = Promise.all([error(), error(), error()]);
  await until(async () => (times() > before ? true : undefined));
  const key = await plane.agent("coder");
  expect((await plane.call("GET", "/v1/me", { key })).status).toBe(200);
  for (const one of await waiting) expect(one).toEqual([503, "temporarily_unavailable"]);
  expect(times() - before).toBeLessThan(3);
}, 60_000);

it("no token of an issuer, and nothing of its lies, is in the log of what was done", async () => {
  const { rows } = await plane.database.owner.query<{ all: string }>(
    "select coalesce(string_agg(t::text, ' '), '') as all from (select u::text as t from used_assertion u union all select c::text from credential c union all select e::text from entry e) everything",
  );
  expect(rows[0]?.all).not.toMatch(/eyJ/);
});
