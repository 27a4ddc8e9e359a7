import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { invite } from "../../packages/countersign/src/governance/index.ts";
import { browserArgs, findBrowser } from "../../scripts/browser.ts";
import { type PeopleProvider, peopleClient, startPeopleProvider } from "../support/people-provider.ts";
import { type Page, PlainBrowser } from "../support/plain-browser.ts";
import { ana, bo, cy, openTestPlane, type TestPlane } from "../support/plane.ts";

/** The button of the provider's second page: the first one has a button, too. */
const consent = "form:has(input[name=prompt][value=consent]) button[type=submit]";

let idp: PeopleProvider;
let plane: TestPlane;
let admin: string;
let browser: Browser;
beforeAll(async () => {
  idp = await startPeopleProvider();
  plane = await openTestPlane({
    edit: {
      "countersign.yaml": (text) => `${text}
login:
  provider:
    issuer: ${idp.issuer}
    clientId: ${peopleClient.id}
    credential: oidc/client
    groups:
      - { claim: eng-editors, group: editors }
      - { claim: eng-leads, group: leads }
    newcomers:
      - { claim: staff, roles: [viewer] }
`,
    },
  });
  idp.register(plane.url);
  idp.accounts.set("ana-1", { email: ana, email_verified: true, name: "Ana of the directory" });
  idp.accounts.set("bo-1", { email: "Bo@Acme.example", email_verified: true, name: "Bo" });
  idp.accounts.set("new-1", {
    email: "nia@acme.example",
    email_verified: true,
    name: "Nia\u202e",
    groups: ["staff", "eng-editors"],
  });
  idp.accounts.set("out-1", { email: "otto@acme.example", email_verified: true, name: "Otto", groups: ["guests"] });
  idp.accounts.set("lie-1", { email: cy, email_verified: false, name: "Not Cy" });
  admin = await plane.person(ana);
  browser = await chromium.launch({ executablePath: findBrowser(), args: browserArgs, timeout: 180_000 });
});
afterAll(async () => {
  await browser?.close();
  await plane?.close();
  await idp?.close();
});

const keepSecret = async () => {
  const body = { name: "oidc/client", value: peopleClient.secret };
  expect((await plane.call("POST", "/v1/secrets", { key: admin, body })).status).toBe(201);
};

/** As far as the page that comes back from the provider. */
async function logIn(account: string, web = new PlainBrowser()): Promise<{ web: PlainBrowser; page: Page }> {
  let page = await web.submit(await web.go(`${plane.url}/login`));
  expect(page.status, page.text).toBe(200);
  page = await web.follow(page, /\/auth/);
  page = await web.submit(page, { login: account, password: "x" });
  page = await web.submit(page);
  return { web, page };
}

const me = async (web: PlainBrowser) =>
  (await plane.call("GET", "/v1/me", { headers: { cookie: web.cookies("localhost") } })).json;

/** Whether this browser holds a session's cookie. */
const isIn = (web: PlainBrowser): boolean => /(^|; )countersign=./.test(web.cookies("localhost"));

it("without its secret the provider is not asked, and the page says so", async () => {
  const web = new PlainBrowser();
  const page = await web.submit(await web.go(`${plane.url}/login`));
  expect(page.status).toBeGreaterThanOrEqual(400);
  expect(page.text).toContain("Not logged in");
  await keepSecret();
});

it("MT-15 a person logs in at a real provider in a real browser without a script, and out of it again", async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  context.setDefaultTimeout(120_000);
  const page = await context.newPage();
  const broken: string[] = [];
  page.on("console", (message) => {
    if (/Content Security Policy|Refused/i.test(message.text())) broken.push(message.text());
  });
  await page.goto(`${plane.url}/login?next=/passkeys`);
  await Promise.all([page.waitForURL(`${idp.issuer}/**`), page.click("button")]);
  await page.fill("input[name=login]", "ana-1");
  await page.fill("input[name=password]", "x");
  await page.click("button[type=submit]");
  await page.click(consent);
  await page.waitForURL(`${plane.url}/passkeys`);
  expect(await page.textContent("h1")).toBe("Your passkeys");
  const cookies = await context.cookies(plane.url);
  expect(cookies.find(({ name }) => name === "countersign")).toMatchObject({ httpOnly: true, sameSite: "Strict" });
  expect(cookies.find(({ name }) => name.startsWith("countersign-lgn_"))).toMatchObject({
    httpOnly: true,
    sameSite: "Lax",
  });
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  const { json } = await plane.call("GET", "/v1/me", { headers: { cookie } });
  // Name and roles are the file's: the provider vouches for who it is, not for what they may do.
  expect(json).toMatchObject({
    email: ana,
    name: "Ana",
    method: "oidc",
    roles: ["dri", "admin", "approver"],
    vouchedBy: [],
  });
  await page.goto(`${plane.url}/plain`);
  await page.click("text=Log out");
  await page.waitForSelector("h1:text-is('Logged out')");
  expect((await plane.call("GET", "/v1/me", { headers: { cookie } })).status).toBe(401);
  await page.click("text=too");
  await page.waitForURL((url) => url.href.includes(`${idp.issuer}/session/end?client_id=countersign`));
  expect(broken).toEqual([]);
  await context.close();
});

it("MT-15 the ledger says who vouched for a login; an address counts in any case and only when it is verified", async () => {
  const { web } = await logIn("bo-1");
  expect(await me(web)).toMatchObject({ email: bo, method: "oidc" });
  const { rows } = await plane.database.owner.query<{ subject: string }>(
    "select subject from entry where kind = 'login' and person = $1 order by at desc limit 1",
    [bo],
  );
  const deed = await plane.call("GET", `/v1/receipts/${rows[0]?.subject}`, { key: admin });
  expect(JSON.stringify(deed.json)).toContain(`"method":"oidc","provider":"${idp.issuer}","subject":"bo-1"`);
  const lied = await logIn("lie-1");
  expect(lied.page.status).toBe(403);
  expect(lied.page.text).toContain(`has not verified \`${cy}\``);
  expect(isIn(lied.web)).toBe(false);
});

it("who is in no file comes in only by a rule of it, and as what the rule says", async () => {
  const out = await logIn("out-1");
  expect([out.page.status, /is not a person of this workspace/.test(out.page.text)]).toEqual([403, true]);
  const { web, page } = await logIn("new-1");
  expect(page.status).toBe(200);
  expect(await me(web)).toMatchObject({
    email: "nia@acme.example",
    name: "Nia",
    roles: ["viewer"],
    groups: ["editors"],
  });
  const people = (await plane.call("GET", "/v1/people", { key: admin })).json.people;
  expect(people).toContainEqual(expect.objectContaining({ email: "nia@acme.example", newcomer: true }));
  const groups = (await plane.call("GET", "/v1/groups", { key: admin })).json.groups;
  expect(groups.find(({ name }: { name: string }) => name === "editors").members).toContain("nia@acme.example");
  const other = await plane.replica();
  const there = await plane.call("GET", "/v1/groups", { key: admin, url: other.url });
  expect(there.json).toEqual((await plane.call("GET", "/v1/groups", { key: admin })).json);
});

it("groups of the claims replace those of the login before, and who is let in no more is out at once", async () => {
  const before = await logIn("new-1");
  const account = { email: "nia@acme.example", email_verified: true, name: "Nia" };
  idp.accounts.set("new-1", { ...account, groups: ["staff", "eng-leads"] });
  const after = await logIn("new-1");
  expect((await me(after.web)).groups).toEqual(["leads"]);
  expect((await me(before.web)).groups).toEqual(["leads"]);
  idp.accounts.set("new-1", { ...account, groups: [] });
  expect((await logIn("new-1")).page.status).toBe(403);
});

it("a mailbox that was given to somebody else is not the person who had it, until an operator says so", async () => {
  idp.accounts.set("bo-2", { email: bo, email_verified: true, name: "Another Bo" });
  const { page } = await logIn("bo-2");
  expect([page.status, /is somebody else now/.test(page.text)]).toEqual([403, true]);
  const body = { reason: "the mailbox was given on", forget: true };
  const ended = await plane.call("POST", `/v1/people/${bo}/end-logins`, { key: admin, body });
  expect([ended.status, ended.json.sessions]).toEqual([200, 1]);
  expect((await logIn("bo-2")).page.status).toBe(200);
});

it("a login counts once, in the browser that began it, and only for the state that it was begun with", async () => {
  const web = new PlainBrowser();
  const begun = await web.submit(await web.go(`${plane.url}/login`));
  let page = await web.follow(begun, /\/auth/);
  page = await web.submit(page, { login: "ana-1", password: "x" });
  web.stopBefore = (url) => url.startsWith(`${plane.url}/login/callback`);
  page = await web.submit(page);
  const back = page.headers.get("location") ?? "";
  expect(back).toContain("iss=");
  const stranger = await new PlainBrowser().go(back);
  expect([stranger.status, /was not begun in this browser/.test(stranger.text)]).toEqual([401, true]);
  web.stopBefore = undefined;
  const mixed = new URL(back);
  mixed.searchParams.set("state", `${mixed.searchParams.get("state")}x`);
  expect((await web.go(mixed.href)).status).toBe(401);
  expect((await web.go(back)).status).toBe(200);
  const again = await web.go(back);
  expect([again.status, again.text.includes("was used already")]).toEqual([401, true]);
});

it("who says no at the provider, or comes back from another one, is not logged in", async () => {
  for (const [change, sentence, status] of [
    [{ error: "access_denied" }, "logged nobody in", 403],
    [{ iss: "https://other.example" }, "does not hold", 403],
    [{ code: "nothing" }, "did not take the login", 403],
  ] as const) {
    const web = new PlainBrowser();
    const begun = await web.submit(await web.go(`${plane.url}/login`));
    let page = await web.follow(begun, /\/auth/);
    page = await web.submit(page, { login: "ana-1", password: "x" });
    web.stopBefore = (url) => url.startsWith(`${plane.url}/login/callback`);
    page = await web.submit(page);
    const back = new URL(page.headers.get("location") ?? "");
    if ("error" in change) back.searchParams.delete("code");
    for (const [name, value] of Object.entries(change)) back.searchParams.set(name, value);
    const refused = await web.go(back.href);
    expect([refused.status, refused.text.includes(sentence)], JSON.stringify(change)).toEqual([status, true]);
    expect(isIn(web)).toBe(false);
    // Nothing is half done: the same login does not go on either.
    expect((await web.go(page.headers.get("location") ?? "")).status).toBe(401);
  }
});

it("a provider that is down keeps nobody logged in or out, and links go on", async () => {
  const { web } = await logIn("ana-1");
  idp.down = true;
  const page = await new PlainBrowser().go(`${plane.url}/login`).then((form) => new PlainBrowser().submit(form));
  expect([page.status, /cannot be asked who you are now/.test(page.text)]).toEqual([503, true]);
  const cookie = web.cookies("localhost");
  const { csrf } = await me(web);
  const out = await plane.call("POST", "/v1/logout", { headers: { cookie, "x-countersign-csrf": csrf }, body: {} });
  expect(out.json.providerUrl).toContain(idp.issuer);
  expect(await me(web)).toMatchObject({ code: "not_authenticated" });
  idp.down = false;
  // On this very machine links are for everyone.
  expect((await invite(plane.running.control, "countersign", cy)).shownOnce.reveal()).toMatch(/^csl_/);
});

it("whom the provider let in makes a link for their own command line, which ends with that login", async () => {
  const { web } = await logIn("ana-1");
  const headers = { cookie: web.cookies("localhost"), "x-countersign-csrf": (await me(web)).csrf };
  const { json } = await plane.call("POST", `/v1/people/${ana}/link`, { headers, body: {} });
  const link = new URL(json.url).searchParams.get("link") ?? "";
  const made = await plane.call("POST", "/v1/login/cli", { body: { link, note: "a test" } });
  const hours = (Date.parse(made.json.expiresAt) - Date.now()) / 3_600_000;
  expect(hours).toBeGreaterThan(11);
  expect(hours).toBeLessThanOrEqual(12);
});
