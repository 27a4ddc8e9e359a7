import { PassThrough } from "node:stream";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { createLog } from "../../packages/countersign/src/floor/log.ts";
import { invite } from "../../packages/countersign/src/governance/index.ts";
import { type ConnectedPlane, openConnectedPlane } from "../support/connected-plane.ts";
import { type Page, PlainBrowser } from "../support/plain-browser.ts";
import { ana, bo, cy } from "../support/plane.ts";

let world: ConnectedPlane;
let logged = "";
beforeAll(async () => {
  const lines = new PassThrough();
  lines.on("data", (chunk: Buffer) => {
    logged += chunk.toString("utf8");
  });
  world = await openConnectedPlane({
    for: "person",
    clientSecret: "client-s3cret-of-tests",
    log: createLog("debug", lines),
  });
});
afterAll(async () => world?.close());
afterEach(async () => {
  const key = await world.plane.person(ana);
  const { json } = await world.plane.call("GET", "/v1/connections", { key });
  for (const { id } of json.connections)
    await world.plane.call("POST", `/v1/connections/${id}/disconnect`, { key, body: {} });
});

const callback = /\/v1\/upstreams\/[a-z]+\/callback\?/;
const connected = async (): Promise<readonly { person: string }[]> =>
  (await world.plane.call("GET", "/v1/connections", { key: await world.plane.person(ana) })).json.connections;
const stateOf = async (person: string, id: string) =>
  (await world.plane.call("GET", `/v1/consents/${id}`, { key: await world.plane.person(person) })).json;
const codesSent = () => world.idp.asked.filter(({ form }) => form.grant_type === "authorization_code");

/** Somebody who has consented and whose browser was stopped right before it came back: the address holds state and code. */
async function atTheDoor(person: string, account: string) {
  const browser = new PlainBrowser();
  browser.stopBefore = (url) => callback.test(url);
  const begun = await world.begin(person);
  const page = await world.consent(browser, await world.toProvider(person, begun, browser), account);
  const back = page.headers.get("location") ?? "";
  expect(back).toMatch(callback);
  browser.stopBefore = undefined;
  return { browser, begun, back, id: begun.json.id as string };
}

function changed(address: string, members: Readonly<Record<string, string | undefined>>): string {
  const url = new URL(address);
  for (const [name, value] of Object.entries(members)) {
    if (value === undefined) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  return url.href;
}

async function logIn(person: string): Promise<PlainBrowser> {
  const browser = new PlainBrowser();
  const link = (await invite(world.plane.running.control, "countersign", person)).shownOnce.reveal();
  await browser.submit(await browser.go(`${world.plane.url}/login?link=${link}`));
  return browser;
}

const refused = (page: Page, status: number, words: RegExp) => {
  expect(page.status, page.text).toBe(status);
  expect(page.text).toMatch(words);
  expect(page.text).toContain("Not connected");
  expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
  expect(page.text).not.toContain("<script");
};

it("an answer that names another issuer, or none where its server promises to, is not taken, and its code goes nowhere", async () => {
  for (const iss of ["http://evil.example", `${world.idp.issuer}/`, undefined]) {
    const { browser, back, id } = await atTheDoor(ana, "ana-at-tickets");
    const before = codesSent().length;
    refused(await browser.go(changed(back, { iss })), 403, /authorization server that was asked/);
    expect(codesSent().length).toBe(before);
    expect((await stateOf(ana, id)).state).toBe("failed");
    // It was used up: also the true answer comes too late.
    refused(await browser.go(back), 409, /used/);
  }
  expect(await connected()).toEqual([]);
});

it("an error that claims to come from its server counts only where it does", async () => {
  const { browser, back, id } = await atTheDoor(ana, "ana-at-tickets");
  const page = await browser.go(changed(back, { code: undefined, error: "access_denied", iss: "http://evil.example" }));
  refused(page, 403, /authorization server that was asked/);
  expect((await stateOf(ana, id)).state).toBe("failed");
});

it("an answer works once: neither its state nor its code can be used again", async () => {
  const { browser, back, id } = await atTheDoor(ana, "ana-at-tickets");
  expect((await browser.go(back)).text).toContain("connected");
  expect((await stateOf(ana, id)).state).toBe("connected");
  refused(await browser.go(back), 409, /used/);
  // The same code under a state that is still good: its server knows it for another verifier, and for a used one.
  const next = await atTheDoor(ana, "ana-at-tickets");
  const code = new URL(back).searchParams.get("code") ?? "";
  refused(await next.browser.go(changed(next.back, { code })), 503, /gave no token \(invalid_grant\)/);
  expect((await stateOf(ana, next.id)).state).toBe("failed");
});

it("of many that bring the same answer at once, one is connected", async () => {
  const { browser, back } = await atTheDoor(ana, "ana-at-tickets");
  const cookie = browser.cookies("localhost");
  const all = await Promise.all(
    Array.from({ length: 8 }, () =>
      fetch(back, { redirect: "manual", headers: { cookie } }).then(({ status }) => status),
    ),
  );
  expect(all.toSorted()).toEqual([303, 409, 409, 409, 409, 409, 409, 409]);
  expect((await connected()).length).toBe(1);
});

it("a code and a state of two people that are swapped connect neither", async () => {
  const anas = await atTheDoor(ana, "ana-at-tickets");
  const bos = await atTheDoor(bo, "bo-at-tickets");
  const code = new URL(bos.back).searchParams.get("code") ?? "";
  // Bo's browser with Ana's state: it is not the browser that Ana's is bound to.
  refused(await bos.browser.go(anas.back), 403, /not the browser in which it was begun/);
  // Ana's own state is used up by that. Another one of hers, with Bo's code: the verifier does not fit.
  const again = await atTheDoor(ana, "ana-at-tickets");
  refused(await again.browser.go(changed(again.back, { code })), 503, /gave no token/);
  expect(await connected()).toEqual([]);
});

it("whoever is talked into consenting for somebody else connects nothing: the answer comes in a browser of no one's", async () => {
  // Mallory, whom the workspace knows as Bo, begins, opens the page in his own browser, and sends Ana the next address.
  const mallory = new PlainBrowser();
  mallory.stopBefore = (url) => url.startsWith(world.idp.issuer);
  const begun = await world.begin(bo);
  const first = await mallory.go(begun.json.url);
  const shown = await mallory.submit(first);
  const code = /<pre>([^<]+)<\/pre>/.exec(shown.text)?.[1] ?? "";
  const key = await world.plane.person(bo);
  await world.plane.call("POST", `/v1/consents/${begun.json.id}/confirm`, { key, body: { code } });
  const ready = await mallory.follow(shown, /^\/connect\//);
  const lure = /href="([^"]+\/auth\?[^"]+)"/.exec(ready.text)?.[1]?.replaceAll("&amp;", "&") ?? "";
  const victim = new PlainBrowser();
  const page = await world.consent(victim, await victim.go(lure), "ana-at-tickets");
  refused(page, 403, /not the browser in which it was begun/);
  expect(page.text).toContain("somebody wanted your consent");
  expect((await stateOf(bo, begun.json.id)).state).toBe("failed");
  expect(await connected()).toEqual([]);
});

it("whoever is sent the page itself shows a code that they would have to give away, and goes nowhere without it", async () => {
  const begun = await world.begin(bo);
  const victim = new PlainBrowser();
  const first = await victim.go(begun.json.url);
  expect(first.text).toContain(bo);
  expect(first.text).toContain("you would lend your own account");
  const shown = await victim.submit(first);
  expect(shown.text).toMatch(/<pre>[2-9A-Z]{4}-[2-9A-Z]{4}<\/pre>/);
  expect(shown.text).not.toContain(world.idp.issuer.replace("http://", "http://").concat("/auth"));
  const still = await victim.follow(shown, /^\/connect\//);
  expect(still.text).not.toMatch(/\/auth\?/);
  // A second browser gets neither the code nor the way on.
  const other = new PlainBrowser();
  expect((await other.go(begun.json.url)).text).not.toMatch(/<pre>|\/auth\?/);
  refused(await other.submit(first), 409, /another browser|over/);
});

it("five wrong codes, and another person's right one, open nothing", async () => {
  const begun = await world.begin(bo);
  const browser = new PlainBrowser();
  const shown = await browser.submit(await browser.go(begun.json.url));
  const code = /<pre>([^<]+)<\/pre>/.exec(shown.text)?.[1] ?? "";
  const confirm = async (person: string, said: string) =>
    (
      await world.plane.call("POST", `/v1/consents/${begun.json.id}/confirm`, {
        key: await world.plane.person(person),
        body: { code: said },
      })
    ).status;
  expect(await confirm(ana, code)).toBe(404);
  for (let n = 0; n < 5; n++) expect(await confirm(bo, "2222-2222")).toBe(400);
  expect(await confirm(bo, code)).toBe(409);
  expect((await browser.follow(shown, /^\/connect\//)).text).not.toMatch(/\/auth\?/);
});

it("a browser in which somebody else is logged in is refused at the page and at the callback", async () => {
  const bos = await logIn(bo);
  const begun = await world.begin(ana);
  refused(await bos.go(begun.json.url), 403, /somebody else began this/);
  const forged = await fetch(begun.json.url, {
    method: "POST",
    redirect: "manual",
    body: new URLSearchParams({}),
    headers: { cookie: bos.cookies("localhost"), origin: world.plane.url },
  });
  expect(forged.status).toBe(403);
  // Ana's browser, in which Bo logs in between: what comes back is not taken.
  const anas = await atTheDoor(ana, "ana-at-tickets");
  const cookie = `${anas.browser.cookies("localhost")}; ${bos.cookies("localhost")}`;
  const page = await fetch(anas.back, { redirect: "manual", headers: { cookie } });
  expect(page.status).toBe(403);
  expect(await page.text()).toContain("somebody else began this");
  expect(await connected()).toEqual([]);
});

it("where the person is logged in, no code is asked for; another session of theirs is not the one that began", async () => {
  const mine = await logIn(ana);
  const me = await world.plane.call("GET", "/v1/me", { headers: { cookie: mine.cookies("localhost") } });
  const headers = { cookie: mine.cookies("localhost"), "x-countersign-csrf": me.json.csrf };
  const begun = await world.plane.call("POST", "/v1/upstreams/tickets/connect", { headers, body: {} });
  expect(begun.status, begun.text).toBe(201);
  const other = await logIn(ana);
  refused(await other.go(begun.json.url), 403, /another session/);
  expect(
    (await world.plane.call("GET", `/v1/consents/${begun.json.id}`, { key: await world.plane.person(ana) })).status,
  ).toBe(404);
  const page = await mine.submit(await mine.go(begun.json.url));
  expect(page.text).not.toContain("<pre>");
  const done = await world.consent(mine, await mine.follow(page, /\/auth\?/), "ana-at-tickets");
  expect(done.text, done.url).toContain("connected");
  expect((await connected()).length).toBe(1);
});

it("a form that another site sends binds no session of the person's", async () => {
  const mine = await logIn(ana);
  const begun = await world.begin(ana);
  const address = begun.json.url as string;
  const form = (headers: Record<string, string>) =>
    fetch(address, { method: "POST", redirect: "manual", body: new URLSearchParams({}), headers });
  const foreign = await form({ cookie: mine.cookies("localhost"), origin: "http://evil.example" });
  expect(foreign.status).toBe(403);
  // Without the page's token the session counts for nothing: the browser is asked for a code, as anybody's.
  const forged = await form({ cookie: mine.cookies("localhost"), origin: new URL(address).origin });
  expect(forged.status).toBe(303);
  expect((await stateOf(ana, begun.json.id)).state).toBe("asks for its code");
});

it("what was begun is over after ten minutes, with its secrets", async () => {
  const { browser, back, id } = await atTheDoor(ana, "ana-at-tickets");
  await world.plane.database.owner.query("update consent set expires_at = clock_timestamp() where id = $1", [id]);
  const before = codesSent().length;
  refused(await browser.go(back), 409, /ten minutes/);
  expect((await browser.go(`${world.plane.url}/connect/${id}`)).text).toContain("is over");
  expect(await stateOf(ana, id)).toMatchObject({ state: "expired" });
  expect(codesSent().length).toBe(before);
  const { forgetConsents } = await import("../../packages/countersign/src/connections/index.ts");
  await forgetConsents(world.plane.database.db);
  const { rows } = await world.plane.database.db.query("select 1 from consent where id = $1 and sealed is not null", [
    id,
  ]);
  expect(rows).toEqual([]);
});

it("a person who says no there is told so here, and nothing is half done", async () => {
  const browser = new PlainBrowser();
  const begun = await world.begin(ana);
  const page = await world.toProvider(ana, begun, browser);
  const denied = await browser.follow(page, /\/abort$/);
  refused(denied, 403, /was denied there/);
  expect(await stateOf(ana, begun.json.id)).toMatchObject({
    state: "denied",
    because: "`tickets` was not connected: it was denied there",
  });
  expect(await connected()).toEqual([]);
});

it("what an answer says beyond its code is neither shown nor followed", async () => {
  for (const error of ["<script>alert(1)</script>", "invalid_scope"]) {
    const { browser, back } = await atTheDoor(ana, "ana-at-tickets");
    const page = await browser.go(
      changed(back, {
        code: undefined,
        error,
        error_description: "<b>call 555-0100</b>",
        error_uri: "http://evil.example/",
        redirect_uri: "http://evil.example/",
        next: "//evil.example",
      }),
    );
    expect(page.status).toBe(409);
    expect(page.text).not.toMatch(/alert|555-0100|evil\.example/);
  }
  const { browser, back } = await atTheDoor(ana, "ana-at-tickets");
  browser.stopBefore = () => true;
  const done = await browser.go(
    changed(back, { redirect_uri: "http://evil.example/", location: "//evil.example", url: "http://evil.example" }),
  );
  expect(done.status).toBe(303);
  expect(done.headers.get("location")).toMatch(
    new RegExp(`^${RegExp.escape(world.plane.url)}/connect/cns_[0-9a-z]{26}$`),
  );
});

it("an answer at another server's address, without a state, or with one that nobody made, connects nothing", async () => {
  const { browser, back } = await atTheDoor(ana, "ana-at-tickets");
  refused(await browser.go(changed(back, { state: "A".repeat(43) })), 400, /nothing that was begun here/);
  refused(await browser.go(changed(back, { state: undefined })), 400, /does not say what it belongs to/);
  refused(
    await browser.go(back.replace("/upstreams/tickets/", "/upstreams/files/")),
    403,
    /another server&#39;s address/,
  );
  expect(await connected()).toEqual([]);
});

it("whoever asks only for the head of an answer uses nothing up", async () => {
  const { browser, back } = await atTheDoor(ana, "ana-at-tickets");
  const head = await fetch(back, { method: "HEAD", headers: { cookie: browser.cookies("localhost") } });
  expect(head.status).toBe(405);
  expect(head.headers.get("allow")).toBe("GET");
  expect((await browser.go(back)).text).toContain("connected");
});

it("who has logged out meanwhile, or lost the right, connects nothing", async () => {
  const mine = await logIn(ana);
  const me = await world.plane.call("GET", "/v1/me", { headers: { cookie: mine.cookies("localhost") } });
  const headers = { cookie: mine.cookies("localhost"), "x-countersign-csrf": me.json.csrf };
  const begun = await world.plane.call("POST", "/v1/upstreams/tickets/connect", { headers, body: {} });
  const page = await mine.submit(await mine.go(begun.json.url));
  mine.stopBefore = (url) => callback.test(url);
  const consented = await world.consent(mine, await mine.follow(page, /\/auth\?/), "ana-at-tickets");
  await world.plane.call("POST", "/v1/logout", { headers, body: {} });
  mine.stopBefore = undefined;
  refused(await mine.go(consented.headers.get("location") ?? ""), 403, /not logged in any more/);
  expect(await connected()).toEqual([]);
});

it("connections of people are not a workflow's, and nobody keeps a secret in their place", async () => {
  const reply = await world.begin(cy, { workflow: "docs-upkeep" });
  expect(reply.status).toBe(400);
  expect(reply.json.detail).toContain("people's own");
  expect((await world.begin(cy)).status).toBe(201);
  const key = await world.plane.person(bo);
  const body = { name: "connection/con_00000000000000000000000000", value: "a forged token" };
  expect((await world.plane.call("POST", "/v1/secrets", { key, body })).status).toBe(400);
  await world.connect(ana, "ana-at-tickets");
  const names = await world.plane.call("GET", "/v1/secrets", { key });
  expect(names.text).not.toContain("connection/");
  // Somebody who only looks cannot end another's; an operator can.
  const [{ id }] = (await connected()) as unknown as [{ id: string }];
  const end = async (person: string) =>
    (
      await world.plane.call("POST", `/v1/connections/${id}/disconnect`, {
        key: await world.plane.person(person),
        body: {},
      })
    ).status;
  expect(await end(cy)).toBe(403);
  expect(await end(bo)).toBe(200);
});

it("who begins again and again is told to wait", async () => {
  const all = [];
  for (let n = 0; n < 21; n++) all.push((await world.begin(cy)).status);
  expect(all.at(-1)).toBe(429);
  expect(all.filter((status) => status === 201).length).toBeGreaterThan(10);
});

it("no token, code, state, verifier or client's secret stands in a log, a page or an address of ours", async () => {
  await world.connect(ana, "ana-at-tickets");
  await world.review();
  await world.call(await world.keyFor(ana), "whoami");
  const browser = new PlainBrowser();
  await world.consent(browser, await world.toProvider(bo, await world.begin(bo), browser), "bo-at-tickets");
  const secrets = new Set<string>(["client-s3cret-of-tests"]);
  for (const header of world.upstream.presented) secrets.add(header.replace(/^Bearer /, ""));
  for (const { form } of world.idp.asked) {
    for (const name of ["code", "code_verifier", "refresh_token", "token"])
      if (form[name] !== undefined) secrets.add(form[name]);
  }
  const states = browser.visited.map((address) => new URL(address).searchParams.get("state") ?? "");
  for (const state of states) secrets.add(state);
  secrets.delete("");
  expect(secrets.size).toBeGreaterThan(6);
  expect(logged).toContain("an upstream was not connected");
  for (const secret of secrets) expect(logged.includes(secret), "it stands in the log").toBe(false);
  // Of our own addresses only the callback, which its server writes, holds a code and a state, and no token or verifier.
  const ours = browser.visited.filter((address) => address.startsWith(world.plane.url));
  for (const address of ours.filter((one) => !callback.test(one))) {
    for (const secret of secrets) expect(address).not.toContain(secret);
  }
  const { rows } = await world.plane.database.owner.query<{ all: string }>(
    "select coalesce(string_agg(c::text, ' '), '') as all from consent c",
  );
  for (const secret of secrets) expect(rows[0]?.all).not.toContain(secret);
});
