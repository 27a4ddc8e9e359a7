import { join } from "node:path";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, expect, it } from "vitest";
import { systemClock } from "../../packages/countersign/src/floor/clock.ts";
import type { Running } from "../../packages/countersign/src/serve.ts";
import { ana, bo, openTestPlane, type TestPlane, until } from "../support/plane.ts";

/** Well before the answer to a call that is held would come by itself, and before the next sign of life. */
const atOnceMs = 10_000;

let plane: TestPlane;
let other: Running;
let admin: string;
let kept: string;
let aheadMs = 0;
beforeAll(async () => {
  plane = await openTestPlane({ clock: { now: () => systemClock.now() + aheadMs, tick: () => systemClock.tick() } });
  other = await plane.replica();
  admin = await plane.person(ana);
  kept = await plane.agent("scribe", "production");
  await plane.grantTier("scribe", "docs-upkeep", 2);
});
afterAll(() => plane?.close());

const _meta = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
};
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const both = { accept: "application/json, text/event-stream", "content-type": "application/json" };

interface Heard {
  readonly status: number;
  text: string;
  isOver: boolean;
}

async function hear(url: string, init: RequestInit): Promise<Heard> {
  const response = await fetch(`${url}/mcp`, init);
  const heard = { status: response.status, text: "", isOver: false };
  const decoder = new TextDecoder();
  void (async () => {
    for await (const bytes of response.body ?? []) heard.text += decoder.decode(bytes, { stream: true });
    heard.isOver = true;
  })().catch(() => undefined);
  return heard;
}

function post(key: string, message: object, headers: Record<string, string> = {}, url = plane.url): Promise<Heard> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, ...message });
  return hear(url, { method: "POST", headers: { ...both, ...bearer(key), ...headers }, body });
}

async function session(key: string): Promise<Record<string, string>> {
  const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "old", version: "1" } };
  const headers = { ...both, ...bearer(key) };
  const body = JSON.stringify({ jsonrpc: "2.0", id: 0, method: "initialize", params });
  const opened = await fetch(`${plane.url}/mcp`, { method: "POST", headers, body });
  await opened.text();
  return { "mcp-session-id": opened.headers.get("mcp-session-id") ?? "" };
}

/** The stream for what belongs to no request, in a session of its own. */
async function general(key: string, url = plane.url): Promise<Heard> {
  return hear(url, { headers: { ...bearer(key), ...(await session(key)), accept: "text/event-stream" } });
}

/** The same, after it broke off and was opened again where that was. */
async function resumedGeneral(key: string): Promise<Heard> {
  const headers = { ...bearer(key), ...(await session(key)), accept: "text/event-stream" };
  const leaving = new AbortController();
  const first = await hear(plane.url, { headers, signal: leaving.signal });
  const place = await until(async () => /^id: (\S+)$/m.exec(first.text)?.[1]);
  leaving.abort();
  const again = await hear(plane.url, { headers: { ...headers, "last-event-id": place } });
  await until(async () => (again.text.includes(`id: ${place}`) ? true : undefined));
  return again;
}

async function subscription(key: string, url = plane.url): Promise<Heard> {
  const method = "subscriptions/listen";
  const headers = { "mcp-protocol-version": "2026-07-28", "mcp-method": method };
  const params = { notifications: { toolsListChanged: true }, _meta };
  return post(key, { method, params }, headers, url);
}

const write = (name: string) => ({
  name: "files__write_file",
  arguments: { path: join(plane.folder, "sandbox", name), content: name },
});
const modernHeaders = {
  "mcp-protocol-version": "2026-07-28",
  "mcp-method": "tools/call",
  "mcp-name": "files__write_file",
};

/** A call of the newer revision that is held: its answer is 20 seconds away. */
const modernCall = (key: string, name: string, token?: string): Promise<Heard> => {
  const meta = token === undefined ? _meta : { ..._meta, progressToken: token };
  return post(key, { method: "tools/call", params: { ...write(name), _meta: meta } }, modernHeaders);
};

async function issued(): Promise<{ readonly key: string; readonly credential: string }> {
  const body = { environment: "sandbox" };
  const { status, json } = await plane.call("POST", "/v1/agents/scribe/keys", { key: admin, body });
  expect(status).toBe(201);
  // The other replica hears of it a moment later.
  const isKnown = async () => (await plane.call("GET", "/v1/me", { key: json.key, url: other.url })).status !== 401;
  await until(async () => ((await isKnown()) ? true : undefined));
  return json;
}

async function revoke(credential: string): Promise<void> {
  const body = { because: "leaked" };
  const { status } = await plane.call("POST", `/v1/credentials/${credential}/revoke`, { key: admin, body });
  expect(status).toBe(200);
}

async function allOver(streams: readonly Heard[]): Promise<void> {
  await until(async () => (streams.every(({ isOver }) => isOver) ? true : undefined), atOnceMs);
}

it("the streams that somebody listens to end with their key, in both eras and on every replica, and nobody else's", async () => {
  const { key, credential } = await issued();
  const gone = await Promise.all([
    general(key),
    general(key, other.url),
    subscription(key),
    subscription(key, other.url),
  ]);
  const stay = await Promise.all([general(kept), subscription(kept), subscription(kept, other.url)]);
  for (const { status } of [...gone, ...stay]) expect(status).toBe(200);
  await until(async () => (stay.every(({ text }) => text !== "") ? true : undefined));
  expect([...gone, ...stay].some(({ isOver }) => isOver)).toBe(false);
  await revoke(credential);
  await allOver(gone);
  expect(stay.map(({ isOver }) => isOver)).toEqual([false, false, false]);
  // A request is answered, and the answer says why there is no more.
  for (const { text } of gone.slice(2)) expect(text).toContain("not valid any more");
  expect((await general(key)).status).toBe(401);
});

it("a call that waits is not answered to a key that was revoked meanwhile, and is not called off", async () => {
  const { key, credential } = await issued();
  const headers = await session(key);
  const old = await post(key, { method: "tools/call", params: write("old.md") }, headers);
  const streamed = await modernCall(key, "streamed.md", "p");
  const plain = modernCall(key, "plain.md");
  const person = await plane.person(bo);
  const ids = async (): Promise<readonly string[]> => {
    const { json } = await plane.call("GET", "/v1/approvals", { key: person });
    return json.approvals.map(({ id }: { id: string }) => id).sort();
  };
  const held = await until(async () => ((await ids()).length === 3 ? await ids() : undefined));
  await until(async () => (streamed.text.includes("waiting for an approval") ? true : undefined));
  expect([old.isOver, streamed.isOver]).toEqual([false, false]);
  await revoke(credential);
  await allOver([old, streamed]);
  const unsent = await plain;
  await allOver([unsent]);
  expect(unsent.status).toBe(401);
  expect(streamed.text).toMatch(/"error":\{"code":-\d+,"message":"[^"]*not valid any more"/);
  expect(old.text).not.toContain('"result"');
  for (const { text } of [old, streamed, unsent]) for (const id of held) expect(text).not.toContain(id);
  expect(await ids()).toEqual(held);
  // What was cut off is there for who is let in: the session is the agent's, not the key's.
  const place = /^id: (\S+)-0$/m.exec(old.text)?.[1] ?? "";
  const rest = await hear(plane.url, {
    headers: { ...bearer(kept), ...headers, accept: "text/event-stream", "last-event-id": `${place}-0` },
  });
  await until(async () => (rest.isOver ? true : undefined));
  expect(rest.text).toContain('"state":"held"');
});

it("a short token that ran out listens no more, and what it asked while it lived is answered", async () => {
  const { publicKey, privateKey } = await generateKeyPair("EdDSA", { extractable: true });
  const jwk = await exportJWK(publicKey);
  await plane.call("POST", "/v1/agents/scribe/public-keys", { key: admin, body: { environment: "sandbox", jwk } });
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: "scribe", sub: "scribe", aud: plane.url, jti: crypto.randomUUID(), iat: now, exp: now + 60 };
  const assertion = await new SignJWT(claims).setProtectedHeader({ alg: "EdDSA" }).sign(privateKey);
  const raw = new URLSearchParams({
    grant_type: "client_credentials",
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: assertion,
    resource: `${plane.url}/mcp`,
  }).toString();
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const { access_token: token } = (await plane.call("POST", "/oauth/token", { raw, headers: form })).json;
  const [listening, subscribed, stay] = [await general(token), await subscription(token), await general(kept)];
  const [resumed, resumedStay] = [await resumedGeneral(token), await resumedGeneral(kept)];
  const call = modernCall(token, "late.md");
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect([listening, subscribed, resumed].map(({ status, isOver }) => [status, isOver])).toEqual(
    Array.from({ length: 3 }, () => [200, false]),
  );
  aheadMs = 301_000;
  await allOver([listening, subscribed, resumed]);
  const answered = await call;
  await until(async () => (answered.isOver ? true : undefined));
  expect(answered.status).toBe(200);
  expect(answered.text).toContain('"state":"held"');
  expect([stay.isOver, resumedStay.isOver]).toEqual([false, false]);
});
