import { type Trust, verifyBundle } from "@countersign/contract";
import { type Browser, type BrowserContext, type CDPSession, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { invite } from "../../packages/countersign/src/governance/index.ts";
import { browserArgs, findBrowser } from "../../scripts/browser.ts";
import { ana, bo, cy, openTestPlane, type TestPlane, until } from "../support/plane.ts";

let plane: TestPlane;
let browser: Browser;
let admin: string;
let key: string;
beforeAll(async () => {
  plane = await openTestPlane({
    edit: {
      "countersign.yaml": (text) => `${text}\napprovals: { breakGlass: { by: [${cy}] } }\n`,
      "workflows/docs-upkeep.yaml": (text) =>
        text
          .replace("count: 1\n", "count: 1\n    passkey: true\n")
          .replace(
            "  - tool: files.edit_file\n    from: editors\n",
            "  - tool: files.edit_file\n    from: editors\n    count: 2\n    passkey: true\n",
          ),
    },
  });
  browser = await chromium.launch({ executablePath: findBrowser(), args: browserArgs, timeout: 180_000 });
  await plane.grantTier("scribe", "docs-upkeep", 2);
  admin = await plane.person(ana);
  key = await plane.agent("scribe");
});
afterAll(async () => {
  await browser?.close();
  await plane?.close();
});

interface Desk {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly device: CDPSession;
  readonly authenticator: string;
  readonly csrf: string;
  readonly cookie: string;
}

/** A browser with an authenticator in it, and a person logged in by a link of `by`. */
async function openDesk(email: string, by: "countersign" | { readonly key: string } = "countersign"): Promise<Desk> {
  const context = await browser.newContext();
  context.setDefaultTimeout(120_000);
  const page = await context.newPage();
  const device = await context.newCDPSession(page);
  await device.send("WebAuthn.enable");
  const { authenticatorId } = await device.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  const url =
    by === "countersign"
      ? `${plane.url}/login?link=${(await invite(plane.running.control, by, email)).shownOnce.reveal()}`
      : (await plane.call("POST", `/v1/people/${email}/link`, { key: by.key })).json.url;
  await page.goto(url);
  await page.click("button");
  await page.waitForURL((url) => !url.pathname.startsWith("/login"));
  const cookies = await context.cookies(plane.url);
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  const { json } = await plane.call("GET", "/v1/me", { headers: { cookie } });
  return { context, page, device, authenticator: authenticatorId, csrf: json.csrf, cookie };
}

async function register({ page }: Desk, name: string): Promise<void> {
  await page.goto(`${plane.url}/passkeys`);
  await page.fill("input[name=name]", name);
  await Promise.all([page.waitForURL(`${plane.url}/passkeys`), page.click("text=Register a passkey")]);
  await page.waitForSelector(`li:has-text("${name}")`);
}

const desks = new Map<string, Desk>();

/** One desk for each person, with a passkey. */
async function deskOf(email: string): Promise<Desk> {
  const known = desks.get(email);
  if (known !== undefined) return known;
  const desk = await openDesk(email);
  await register(desk, "phone");
  desks.set(email, desk);
  return desk;
}

const as = ({ cookie, csrf }: Desk) => ({ headers: { cookie, "x-countersign-csrf": csrf } });

let written = 0;
async function held(tool = "write_file"): Promise<string> {
  written += 1;
  const path = `${plane.folder}/sandbox/signed-${written}.md`;
  const args =
    tool === "write_file"
      ? { path, content: "signed" }
      : { path: `${plane.folder}/sandbox/signed-1.md`, edits: [{ oldText: "signed", newText: `edited ${written}` }] };
  const { json } = await plane.call("POST", "/v1/actions", { key, body: { server: "files", tool, arguments: args } });
  expect(json.state, JSON.stringify(json)).toBe("held");
  return json.id;
}

/** What a passkey of this browser answers to a challenge. */
function sign(
  desk: Desk,
  shown: { passkey: { challenge: string; rpId: string; allowCredentials: { id: string }[] } },
  userVerification = "required",
) {
  return desk.page.evaluate(
    async ([{ passkey }, verification]) => {
      const bytes = (text: string) =>
        Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
      const got = (await navigator.credentials.get({
        publicKey: {
          challenge: bytes(passkey.challenge),
          rpId: passkey.rpId,
          allowCredentials: passkey.allowCredentials.map(({ id }) => ({ id: bytes(id), type: "public-key" as const })),
          userVerification: verification as UserVerificationRequirement,
        },
      })) as PublicKeyCredential;
      const { id, rawId, type, response } = got.toJSON();
      return { id, rawId, type, response: response as AuthenticatorAssertionResponseJSON };
    },
    [shown, userVerification] as const,
  );
}

const show = async (desk: Desk, id: string) => (await plane.call("GET", `/v1/approvals/${id}`, as(desk))).json;
// biome-ignore lint/suspicious/noExplicitAny: what a browser answers is passed on as it is
const answer = (desk: Desk, id: string, shown: any, assertion?: any) =>
  plane.call("POST", `/v1/approvals/${id}/answer`, {
    ...as(desk),
    body: {
      verdict: "approve",
      callDigest: shown.callDigest,
      shownDigest: shown.shownDigest,
      ...(assertion === undefined ? {} : { assertion }),
    },
  });

it("a person registers a passkey on the page and approves with it; the receipt holds the signature and verifies offline", async () => {
  const desk = await deskOf(bo);
  const id = await held();
  const key0 = await plane.person(bo);
  const shownToCli = (await plane.call("GET", `/v1/approvals/${id}`, { key: key0 })).json;
  const byCli = await plane.call("POST", `/v1/approvals/${id}/answer`, {
    key: key0,
    body: { verdict: "approve", callDigest: shownToCli.callDigest, shownDigest: shownToCli.shownDigest },
  });
  expect(byCli.status).toBe(403);
  expect(byCli.json.detail).toBe("this takes your passkey, and the answer is not signed with one");
  await desk.page.goto(`${plane.url}/approvals/${id}`);
  await desk.page.click("text=Approve exactly this");
  await desk.page.waitForSelector("text=Your signed approval is recorded.");
  await plane.call("GET", `/v1/actions/${id}?waitMs=10000`, { key });
  const receipt = (await plane.call("GET", `/v1/receipts/${id}`, { key: admin })).json;
  expect(receipt.state).toBe("done");
  const [given] = receipt.approvals.answers;
  expect(given).toMatchObject({ person: bo, method: "link", passkey: { rpId: "localhost", origin: plane.url } });
  expect(given.passkey.publicKey).toMatchObject({ kty: "EC", alg: "ES256" });
  expect(receipt.approvals.sentence).toContain("signed with a passkey");
  const trust = (await plane.call("GET", "/v1/ledger/trust", { key: admin })).json as Trust;
  const bundle = await until(async () => {
    const reply = await plane.call("GET", `/v1/receipts/${id}/bundle`, { key: admin });
    return reply.headers.get("countersign-proof") === "included" ? reply.text : undefined;
  });
  const verified = await verifyBundle(new TextEncoder().encode(bundle), trust);
  expect(verified).toMatchObject({ ok: true, problems: [] });
});

it("a signature for a changed action, or for another one, is refused with a sentence, and nothing happens", async () => {
  const desk = await deskOf(bo);
  const [one, other] = [await held(), await held()];
  const shown = await show(desk, one);
  expect(shown.passkey).toMatchObject({ required: true, rpId: "localhost" });
  const assertion = await sign(desk, shown);
  const toOther = await answer(desk, other, await show(desk, other), assertion);
  expect([toOther.status, toOther.json.detail]).toEqual([409, "the passkey signed something else than this approval"]);
  const changed = await answer(desk, one, { ...shown, callDigest: `sha256:${"0".repeat(64)}` }, assertion);
  expect([changed.status, changed.json.detail]).toEqual([
    409,
    "the call is not the one that you were shown: it or its target changed",
  ]);
  const unlike = await answer(desk, one, { ...shown, shownDigest: `sha256:${"0".repeat(64)}` }, assertion);
  expect([unlike.status, unlike.json.detail]).toEqual([409, "what waits now is not what you were shown"]);
  const unsigned = await answer(desk, one, shown);
  expect(unsigned.status).toBe(403);
  const torn = {
    ...assertion,
    response: { ...assertion.response, signature: `AAAA${assertion.response.signature.slice(4)}` },
  };
  expect((await answer(desk, one, shown, torn)).status).toBe(403);
  for (const id of [one, other]) {
    expect((await plane.call("GET", `/v1/actions/${id}`, { key })).json.state).toBe("held");
    expect((await plane.call("GET", `/v1/receipts/${id}`, { key: admin })).json.approvals.answers).toEqual([]);
  }
  expect((await answer(desk, one, shown, assertion)).status).toBe(200);
});

it("MT-150 who breaks the glass signs that they do, with their passkey, where an approval takes one", async () => {
  const desk = await deskOf(cy);
  const id = await held();
  const shown = await show(desk, id);
  expect(shown).toMatchObject({ yours: false, breakGlass: { passkey: { required: true, rpId: "localhost" } } });
  const { callDigest, shownDigest, breakGlass } = shown;
  const broken = (assertion?: unknown) =>
    plane.call("POST", `/v1/approvals/${id}/break-glass`, {
      ...as(desk),
      body: { callDigest, shownDigest, reason: "nobody answers", ...(assertion === undefined ? {} : { assertion }) },
    });
  const unsigned = await broken();
  expect([unsigned.status, unsigned.json.detail]).toEqual([
    403,
    "this takes your passkey, and the answer is not signed with one",
  ]);
  // Their passkey's yes to something else is none to this.
  const other = await sign(desk, await show(desk, id).then(({ breakGlass }) => breakGlass));
  expect((await show(desk, await held())).breakGlass.passkey.challenge).not.toBe(breakGlass.passkey.challenge);
  const torn = { ...other, response: { ...other.response, signature: `AAAA${other.response.signature.slice(4)}` } };
  expect((await broken(torn)).status).toBe(403);
  const given = await broken(await sign(desk, (await show(desk, id)).breakGlass));
  expect([given.status, given.text]).toEqual([200, expect.stringContaining('"glass":"gls_')]);
  await plane.call("GET", `/v1/actions/${id}?waitMs=10000`, { key });
  const receipt = (await plane.call("GET", `/v1/receipts/${id}`, { key: admin })).json;
  expect([receipt.state, receipt.approvals.sentence]).toEqual([
    "done",
    expect.stringMatching(/^cy@acme.example approved it alone by break-glass .*, signed with a passkey, /),
  ]);
  const trust = (await plane.call("GET", "/v1/ledger/trust", { key: admin })).json as Trust;
  const bundle = await until(async () => {
    const reply = await plane.call("GET", `/v1/receipts/${id}/bundle`, { key: admin });
    return reply.headers.get("countersign-proof") === "included" ? reply.text : undefined;
  });
  expect(await verifyBundle(new TextEncoder().encode(bundle), trust)).toMatchObject({ ok: true, problems: [] });
});

it("a target that changed under the approver voids the signature", async () => {
  const { readFileSync, writeFileSync } = await import("node:fs");
  const desk = await deskOf(bo);
  const path = `${plane.folder}/sandbox/moving.md`;
  writeFileSync(path, "before");
  const body = { server: "files", tool: "write_file", arguments: { path, content: "after" } };
  const { json } = await plane.call("POST", "/v1/actions", { key, body });
  const shown = await show(desk, json.id);
  const assertion = await sign(desk, shown);
  writeFileSync(path, "somebody else was here");
  const given = await answer(desk, json.id, shown, assertion);
  expect([given.status, given.json.detail]).toEqual([409, "your approval does not count: the target changed since"]);
  expect((await plane.call("GET", `/v1/receipts/${json.id}`, { key: admin })).json.approvals.answers).toEqual([]);
  // What would run now is another document, and waits for an answer and a signature of its own.
  const again = await show(desk, json.id);
  expect(again).toMatchObject({ state: "held" });
  expect(again.shownDigest).not.toBe(shown.shownDigest);
  expect((await answer(desk, json.id, again, assertion)).json.detail).toBe(
    "the passkey signed something else than this approval",
  );
  expect((await plane.call("GET", `/v1/actions/${json.id}`, { key })).json.state).toBe("held");
  expect(readFileSync(path, "utf8")).toBe("somebody else was here");
  expect((await answer(desk, json.id, again, await sign(desk, again))).status).toBe(200);
});

it("another person's passkey, an unknown one, a removed one and one that verified nobody are refused", async () => {
  const [mine, theirs] = [await deskOf(bo), await deskOf(ana)];
  const id = await held();
  const shown = await show(mine, id);
  const allowCredentials = (await show(theirs, id)).passkey.allowCredentials;
  const stolen = await sign(theirs, { passkey: { ...shown.passkey, allowCredentials } });
  const byOther = await answer(mine, id, shown, stolen);
  expect([byOther.status, byOther.json.detail]).toEqual([403, "this passkey is another person's"]);
  await mine.device.send("WebAuthn.setUserVerified", { authenticatorId: mine.authenticator, isUserVerified: false });
  const unverified = await sign(mine, shown, "discouraged");
  await mine.device.send("WebAuthn.setUserVerified", { authenticatorId: mine.authenticator, isUserVerified: true });
  const careless = await answer(mine, id, shown, unverified);
  expect([careless.status, careless.json.detail]).toEqual([403, "the passkey did not verify who used it"]);
  const good = await sign(mine, shown);
  const unknown = await answer(mine, id, shown, { ...good, id: "bm9ib2R5", rawId: "bm9ib2R5" });
  expect([unknown.status, unknown.json.detail]).toEqual([403, "this passkey is not registered here"]);
  await plane.database.owner.query("update passkey set counter = 1000000 where person = $1", [bo]);
  const cloned = await answer(mine, id, shown, good);
  expect([cloned.status, cloned.json.detail]).toEqual([
    403,
    "the passkey's signature does not hold, or its counter did not rise",
  ]);
  await plane.database.owner.query("update passkey set counter = 0 where person = $1", [bo]);
  const { json } = await plane.call("GET", "/v1/passkeys", as(mine));
  expect(json.passkeys).toMatchObject([{ person: bo, name: "phone", alg: "ES256", vouchedBy: [] }]);
  expect(
    (await plane.call("GET", `/v1/passkeys?person=${bo}`, { key: await plane.person("cy@acme.example") })).status,
  ).toBe(403);
  const removed = await plane.call("DELETE", `/v1/passkeys/${json.passkeys[0].id}`, as(mine));
  expect(removed.status).toBe(200);
  const deed = await plane.call("GET", removed.json.receipt, { key: admin });
  expect(deed.text).toContain("removed a passkey");
  expect((await answer(mine, id, shown, good)).json.detail).toBe("this passkey is not registered here");
  expect((await plane.call("GET", `/v1/actions/${id}`, { key })).json.state).toBe("held");
  desks.delete(bo);
});

it("a signature gives one answer: a replay is refused, and a second person is still needed", async () => {
  const desk = await deskOf(bo);
  const id = await held("edit_file");
  const shown = await show(desk, id);
  const assertion = await sign(desk, shown);
  const first = await answer(desk, id, shown, assertion);
  expect([first.status, first.json.state]).toEqual([200, "held"]);
  const again = await answer(desk, id, shown, assertion);
  expect([again.status, again.json.detail]).toEqual([409, "this signature was used already"]);
  const anew = await show(desk, id);
  expect(anew.passkey.challenge).not.toBe(shown.passkey.challenge);
  expect((await answer(desk, id, anew, assertion)).status).toBe(409);
  const second = await deskOf(ana);
  const theirs = await show(second, id);
  expect((await answer(second, id, theirs, await sign(second, theirs))).status).toBe(200);
  const done = await plane.call("GET", `/v1/actions/${id}?waitMs=10000`, { key });
  expect(done.json.state).toBe("done");
});

it("a passkey that was registered in a login which somebody else let in counts as one person with them", async () => {
  const desk = await openDesk(bo, { key: admin });
  await register(desk, "lent");
  const { json } = await plane.call("GET", "/v1/passkeys", as(desk));
  expect(json.passkeys).toContainEqual(expect.objectContaining({ name: "lent", vouchedBy: [ana] }));
  const id = await held("edit_file");
  const shown = await show(desk, id);
  const lent = json.passkeys.find(({ name }: { name: string }) => name === "lent");
  const mine = await openDesk(bo);
  // The key of the lent login, used later in bo's own.
  const asked = await show(mine, id);
  const assertion = await sign(desk, { passkey: { ...asked.passkey } });
  expect(shown.yours && lent !== undefined).toBe(true);
  const given = await answer(mine, id, asked, assertion);
  expect(given.status).toBe(200);
  const ours = await deskOf(ana);
  const hers = await show(ours, id);
  const second = await answer(ours, id, hers, await sign(ours, hers));
  expect(second.json.notCounted).toMatch(/has approved it already, and you made the link/);
  for (const one of [desk, mine]) await one.context.close();
});

it("a login that is not fresh registers nothing, nor does a command line", async () => {
  const desk = await openDesk(bo);
  await plane.database.owner.query(
    "update person_session set created_at = created_at - interval '11 minutes' where person = $1",
    [bo],
  );
  const stale = await plane.call("POST", "/v1/passkeys/options", { ...as(desk), body: {} });
  expect([stale.status, stale.json.detail]).toEqual([403, "you logged in too long ago to register a passkey"]);
  const cli = await plane.call("POST", "/v1/passkeys/options", { key: admin, body: {} });
  expect([cli.status, cli.json.detail]).toEqual([403, "a passkey is registered in a browser"]);
  await desk.context.close();
});

it("a passkey of EdDSA is kept and verified like one of ES256", async () => {
  const desk = await openDesk(ana);
  const options = (await plane.call("POST", "/v1/passkeys/options", { ...as(desk), body: {} })).json;
  const attestation = await desk.page.evaluate(async (given) => {
    const only = { ...given, pubKeyCredParams: [{ type: "public-key", alg: -8 }] };
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(only as never);
    const { id, rawId, type, response } = (
      (await navigator.credentials.create({ publicKey })) as PublicKeyCredential
    ).toJSON();
    return { id, rawId, type, response };
  }, options);
  const body = { name: "edwards", attestation };
  expect((await plane.call("POST", "/v1/passkeys", { ...as(desk), body })).status).toBe(201);
  expect((await plane.call("POST", "/v1/passkeys", { ...as(desk), body })).status).toBe(409);
  const id = await held();
  const shown = await show(desk, id);
  expect((await answer(desk, id, shown, await sign(desk, shown))).status).toBe(200);
  await plane.call("GET", `/v1/actions/${id}?waitMs=10000`, { key });
  const { json } = await plane.call("GET", `/v1/receipts/${id}`, { key: admin });
  expect(json.approvals.answers[0].passkey.publicKey).toMatchObject({ kty: "OKP", alg: "EdDSA", crv: "Ed25519" });
  await desk.context.close();
});
