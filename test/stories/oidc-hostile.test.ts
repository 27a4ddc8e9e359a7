import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type HostileProvider, startHostileProvider } from "../support/hostile-provider.ts";
import { type Page, PlainBrowser } from "../support/plain-browser.ts";
import { ana, bo, openTestPlane, type TestPlane } from "../support/plane.ts";

let idp: HostileProvider;
let plane: TestPlane;
const secret = "a-secret-of-tests-only-0123456789";
beforeAll(async () => {
  idp = await startHostileProvider("countersign");
  plane = await openTestPlane({
    edit: {
      "countersign.yaml": (text) =>
        `${text.replace("  listen:", "  trustedProxies: [127.0.0.1]\n  listen:")}\nlogin:\n  provider: { issuer: "${idp.issuer}", clientId: countersign, credential: oidc/client }\n`,
    },
  });
  const body = { name: "oidc/client", value: secret };
  await plane.call("POST", "/v1/secrets", { key: await plane.person(ana), body });
});
afterAll(async () => {
  await plane?.close();
  await idp?.close();
});
beforeEach(() => {
  Object.assign(idp, { claims: {}, metadata: {}, nonce: "", sign: "right" });
  idp.instead.clear();
});

let sources = 0;
/** Each login from an address of its own: who keeps failing from one is not worked for. */
const nextSource = (): string => `203.0.113.${++sources}`;

const isIn = (web: PlainBrowser): boolean => /(^|; )countersign=./.test(web.cookies("localhost"));

/** Begins a login, and comes back from the provider's page with what it is said to send. */
async function come(back: Readonly<Record<string, string>> = {}, between?: () => Promise<void>, from = nextSource()) {
  const web = new PlainBrowser();
  web.headers["x-forwarded-for"] = from;
  const begun = await web.submit(await web.go(`${plane.url}/login`));
  if (begun.status !== 200) return { web, page: begun };
  const href = /href="([^"]+authorize[^"]*)"/.exec(begun.text)?.[1]?.replaceAll("&amp;", "&") ?? "";
  const asked = new URL(href).searchParams;
  idp.nonce = asked.get("nonce") ?? "";
  await between?.();
  const query = new URLSearchParams({ code: "x", state: asked.get("state") ?? "", iss: idp.issuer, ...back });
  const page = await web.go(`${plane.url}/login/callback?${query}`);
  return { web, page, asked };
}

async function refused(sentence: string, status: number, came: ReturnType<typeof come>): Promise<Page> {
  const { web, page } = await came;
  expect([page.status, isIn(web)], page.text.slice(-600)).toEqual([status, false]);
  expect(page.text).toContain(sentence);
  expect(page.text).not.toMatch(/Error|\bat \/|node_modules/);
  return page;
}

const lie = "does not hold, so nobody was logged in";
const away = "cannot be asked who you are now";

it("MT-15 an honest answer logs in, with a challenge, a nonce and a state of its own each time", async () => {
  const { web, page, asked } = await come();
  expect([page.status, isIn(web)]).toEqual([200, true]);
  expect(asked?.get("code_challenge_method")).toBe("S256");
  const again = (await come()).asked;
  for (const name of ["state", "nonce", "code_challenge"]) {
    expect(asked?.get(name)?.length, name).toBeGreaterThanOrEqual(43);
    expect(again?.get(name), name).not.toBe(asked?.get(name));
  }
  expect(asked?.get("redirect_uri")).toBe(`${plane.url}/login/callback`);
});

it.each<[string, Partial<Pick<HostileProvider, "sign" | "claims">>]>([
  ["is signed with another key", { sign: "other key" }],
  ["is not signed", { sign: "unsigned" }],
  ["is signed with what both know", { sign: "hmac" }],
  ["is of another login", { claims: { nonce: "of-another-login" } }],
  ["has no nonce", { claims: { nonce: undefined as never } }],
  ["is of another issuer", { claims: { iss: "https://other.example" } }],
  ["is for somebody else", { claims: { aud: "another-client" } }],
  ["is for several, and not said to be ours", { claims: { aud: ["countersign", "another"], azp: "another" } }],
  ["is over", { claims: { exp: 1_000_000_000 } }],
  ["is of tomorrow", { claims: { nbf: 9_000_000_000 } }],
])("MT-15 a token that %s logs nobody in", async (_, told) => {
  Object.assign(idp, told);
  await refused(lie, 403, come());
});

it("an issuer in the browser's return, or none where one was promised, is checked", async () => {
  await refused(lie, 403, come({ iss: "https://other.example" }));
  const web = new PlainBrowser();
  web.headers["x-forwarded-for"] = nextSource();
  const begun = await web.submit(await web.go(`${plane.url}/login`));
  const state = /state=([^&"]+)/.exec(begun.text)?.[1] ?? "";
  const page = await web.go(`${plane.url}/login/callback?code=x&state=${state}`);
  expect([page.status, page.text.includes(lie)]).toEqual([403, true]);
});

it("claims that name nobody, an address that is not verified, and one that is no text are refused", async () => {
  idp.claims = { email: undefined as never };
  await refused("names no e-mail address", 403, come());
  for (const verified of [false, "true", 1, undefined]) {
    idp.claims = { email_verified: verified as never };
    await refused("has not verified", 403, come());
  }
  for (const email of [
    { toString: "x" },
    ["ana@acme.example"],
    "ana@acme.example\u0000",
    "an\u0430@acme.example",
    `${"a".repeat(300)}@acme.example`,
  ]) {
    idp.claims = { email: email as never };
    await refused("names no e-mail address", 403, come());
  }
  idp.claims = { sub: "" };
  await refused("", 403, come());
});

it("keys that the provider has changed are fetched again; the old ones log nobody in", async () => {
  expect(isIn((await come()).web)).toBe(true);
  await idp.rotate();
  expect(isIn((await come({}, () => idp.rotate())).web)).toBe(true);
});

it("metadata that lies about its issuer, or leads where no browser should go, is not believed", async () => {
  for (const metadata of [
    { issuer: "https://other.example" },
    { issuer: `${idp.issuer}/other` },
    { authorization_endpoint: "javascript:alert(1)" },
    { authorization_endpoint: "not an address" },
    { token_endpoint: "ftp://files.example" },
    { jwks_uri: undefined },
  ]) {
    idp.metadata = metadata;
    const web = new PlainBrowser();
    web.headers["x-forwarded-for"] = nextSource();
    const page = await web.submit(await web.go(`${plane.url}/login`));
    expect(page.status, JSON.stringify(metadata)).toBeGreaterThanOrEqual(400);
    expect(page.text).toMatch(new RegExp(`${lie}|${away}`));
    expect(page.text).not.toContain("javascript:");
  }
});

it("a provider that answers garbage, an error, a redirect or far too much is not asked twice, and leaves nothing half done", async () => {
  const huge = JSON.stringify({ issuer: idp.issuer, filler: "x".repeat(2_000_000) });
  const answers: [string, (send: (status: number, body: string, headers?: Record<string, string>) => void) => void][] =
    [
      ["garbage", (send) => send(200, "<html>no</html>")],
      ["half of it", (send) => send(200, '{"issuer":')],
      ["an error", (send) => send(500, "")],
      ["a redirect", (send) => send(302, "", { location: "http://127.0.0.1:1/" })],
      ["too much", (send) => send(200, huge)],
    ];
  for (const [name, instead] of answers) {
    for (const path of ["/.well-known/openid-configuration", "/token", "/jwks"]) {
      idp.instead.set(path, instead);
      const { web, page } = await come();
      expect([page.status >= 400, isIn(web)], `${name} at ${path}`).toEqual([true, false]);
      expect(page.text, `${name} at ${path}`).toContain("Not logged in");
      idp.instead.clear();
    }
  }
  const { rows } = await plane.database.owner.query<{ n: number }>(
    "select count(*)::int as n from person_session where method = 'oidc' and person = $1 and ended_at is null",
    [bo],
  );
  expect(rows[0]?.n).toBe(0);
});

it("a provider that does not answer is not waited for longer than ten seconds", async () => {
  idp.instead.set("/token", () => undefined);
  const started = performance.now();
  await refused(away, 503, come());
  expect(performance.now() - started).toBeLessThan(20_000);
});

it("the secret of the client is in no answer, no log line and no receipt", async () => {
  const { page } = await come();
  expect(page.text).not.toContain(secret);
  const { json } = await plane.call("GET", "/v1/secrets", { key: await plane.person(ana) });
  expect(JSON.stringify(json)).not.toContain(secret);
});

it("a source whose logins keep failing is not worked for", async () => {
  idp.sign = "other key";
  const from = "198.51.100.77";
  for (let n = 0; n < 20; n++) await refused(lie, 403, come({}, undefined, from));
  const asked = idp.asked.length;
  const { page } = await come({}, undefined, from);
  expect([page.status, page.text.includes("too many logins from this address")]).toEqual([429, true]);
  expect(idp.asked.length).toBe(asked);
  idp.sign = "right";
  expect(isIn((await come()).web)).toBe(true);
});
