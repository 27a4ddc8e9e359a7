import { join } from "node:path";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, expect, it } from "vitest";
import { systemClock } from "../../packages/countersign/src/floor/clock.ts";
import { invite } from "../../packages/countersign/src/governance/index.ts";
import type { Running } from "../../packages/countersign/src/serve.ts";
import { ana, bo, cy, openTestPlane, type TestPlane, until } from "../support/plane.ts";

const dee = "dee@acme.example";
/** Well before the next beat, at which everybody is asked again anyway. */
const atOnceMs = 10_000;

let plane: TestPlane;
let other: Running;
let admin: string;
let aheadMs = 0;
beforeAll(async () => {
  plane = await openTestPlane({
    clock: { now: () => systemClock.now() + aheadMs, tick: () => systemClock.tick() },
    edit: {
      "countersign.yaml": (text) =>
        text
          .replace("\ngroups:", `\n  - { email: ${dee}, name: Dee, roles: [viewer] }\n\ngroups:`)
          .replace("owner: bo@acme.example", `owner: ${dee}`),
    },
  });
  other = await plane.replica();
  admin = await plane.person(ana);
});
afterAll(() => plane?.close());

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

async function browser(email: string): Promise<{ cookie: string }> {
  const link = (await invite(plane.running.control, "countersign", email)).shownOnce.reveal();
  const raw = new URLSearchParams({ link }).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const reply = await plane.call("POST", "/login", { raw, headers });
  return { cookie: (reply.headers.get("set-cookie") ?? "").split(";")[0] ?? "" };
}

/** What is heard from now on, and whether the server ended it. */
async function listen(headers: Record<string, string>, url = plane.url) {
  const response = await fetch(`${url}/v1/stream`, { headers });
  expect(response.status).toBe(200);
  const heard = { text: "", isOver: false, headers: response.headers };
  const decoder = new TextDecoder();
  void (async () => {
    for await (const bytes of response.body ?? []) heard.text += decoder.decode(bytes, { stream: true });
    heard.isOver = true;
  })().catch(() => undefined);
  // The first beat says that this reader is served.
  await until(async () => (heard.text.includes("event: beat") ? true : undefined));
  return heard;
}
type Heard = Awaited<ReturnType<typeof listen>>;

async function allOver(streams: readonly Heard[]): Promise<void> {
  await until(async () => (streams.every(({ isOver }) => isOver) ? true : undefined), atOnceMs);
}

async function act(key: string): Promise<string> {
  const body = { server: "files", tool: "list_directory", arguments: { path: join(plane.folder, "sandbox") } };
  return (await plane.call("POST", "/v1/actions", { key, body })).json.id;
}

it("a stream asks proxies not to hold it, and beats from its first moment", async () => {
  const stream = await listen(bearer(admin));
  expect(stream.headers.get("x-accel-buffering")).toBe("no");
  expect(stream.text).toMatch(/^event: beat\ndata: \{\}$/m);
});

it("whose stream breaks off before anything happened on it is told what happened until it is opened again", async () => {
  const caller = await plane.agent("scribe");
  const stream = await listen(bearer(admin));
  const [, opening = ""] = /^id: (\S+)\nevent: beat$/m.exec(stream.text) ?? [];
  expect(opening).toMatch(/^wrt_/);
  const id = await act(caller);
  const again = await listen({ ...bearer(admin), "last-event-id": opening });
  await until(async () => (again.text.includes(id) ? true : undefined), atOnceMs);
  // As ids were before they said when.
  expect(opening).toMatch(/,at\.\d{16}$/);
  const older = await listen({ ...bearer(admin), "last-event-id": opening.replace(/,at\.\d+$/, "") });
  await until(async () => (older.text.includes(id) ? true : undefined), atOnceMs);
});

it("whose stream breaks off is told what another replica did that began and ended meanwhile", async () => {
  const caller = await plane.agent("scribe", "production");
  const stream = await listen(bearer(admin));
  const [, opening = ""] = /^id: (\S+)\nevent: beat$/m.exec(stream.text) ?? [];
  const brief = await plane.replica();
  const body = { server: "files", tool: "list_directory", arguments: { path: join(plane.folder, "sandbox") } };
  const { id } = (await plane.call("POST", "/v1/actions", { key: caller, body, url: brief.url })).json;
  await brief.close();
  const again = await listen({ ...bearer(admin), "last-event-id": opening });
  await until(async () => (again.text.includes(id) ? true : undefined), atOnceMs);
});

it("whose logins are ended hears nothing more, in browsers and at command lines, on every replica", async () => {
  const cookie = await browser(bo);
  const [boKey, caller] = [await plane.person(cy), await plane.agent("scribe")];
  const gone = [
    await listen(cookie),
    await listen(cookie, other.url),
    await listen(bearer(boKey)),
    await listen(bearer(boKey), other.url),
  ];
  const kept = [await listen(bearer(admin)), await listen(bearer(admin), other.url)];
  for (const email of [bo, cy]) {
    const ended = await plane.call("POST", `/v1/people/${email}/end-logins`, { key: admin, body: { reason: "lost" } });
    expect(ended.status).toBe(200);
  }
  await allOver(gone);
  const id = await act(caller);
  for (const stream of kept) await until(async () => (stream.text.includes(id) ? true : undefined));
  for (const stream of gone) expect(stream.text).not.toContain(id);
  expect(kept.map(({ isOver }) => isOver)).toEqual([false, false]);
});

it("whoever logs out hears nothing more", async () => {
  const cookie = await browser(bo);
  const [gone, kept] = [await listen(cookie, other.url), await listen(await browser(bo))];
  const { csrf } = (await plane.call("GET", "/v1/me", { headers: cookie })).json;
  await plane.call("POST", "/v1/logout", { headers: { ...cookie, "x-countersign-csrf": csrf }, body: {} });
  await allOver([gone]);
  expect(kept.isOver).toBe(false);
});

it("a revoked key of an agent hears nothing more, and the agent's other key goes on", async () => {
  const made = await plane.call("POST", "/v1/agents/scribe/keys", { key: admin, body: { environment: "staging" } });
  const kept = await listen(bearer(await plane.agent("scribe", "production")));
  const gone = [await listen(bearer(made.json.key)), await listen(bearer(made.json.key), other.url)];
  const revoked = await plane.call("POST", `/v1/credentials/${made.json.credential}/revoke`, {
    key: admin,
    body: { because: "leaked" },
  });
  expect(revoked.status).toBe(200);
  await allOver(gone);
  expect(kept.isOver).toBe(false);
});

it("a person who is disabled hears nothing more, nor does an agent that they own", async () => {
  const gone = [
    await listen(await browser(dee)),
    await listen(await browser(dee), other.url),
    await listen(bearer(await plane.agent("coder"))),
  ];
  const { files } = (await plane.call("GET", "/v1/workspace/files", { key: admin })).json;
  const text: string = files["countersign.yaml"];
  const body = {
    files: { ...files, "countersign.yaml": text.replace(`email: ${dee},`, `email: ${dee}, disabled: true,`) },
  };
  const { proposal } = (await plane.call("POST", "/v1/workspace/apply", { key: admin, body })).json;
  const link = (await invite(plane.running.control, "countersign", bo)).shownOnce.reveal();
  const { key } = (await plane.call("POST", "/v1/login/cli", { body: { link, note: "a test" } })).json;
  const { digest } = (await plane.call("GET", `/v1/proposals/${proposal}`, { key })).json;
  expect((await plane.call("POST", `/v1/proposals/${proposal}/sign`, { key, body: { digest } })).status).toBe(200);
  await allOver(gone);
});

it("a short token that ran out hears nothing more", async () => {
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
    resource: `${plane.url}/v1`,
  }).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const { access_token: token } = (await plane.call("POST", "/oauth/token", { raw, headers })).json;
  const [stream, kept] = [await listen(bearer(token)), await listen(bearer(admin))];
  aheadMs = 301_000;
  await allOver([stream]);
  expect(kept.isOver).toBe(false);
  expect((await plane.call("GET", "/v1/me", { key: token })).status).toBe(401);
});
