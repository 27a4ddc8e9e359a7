import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, expect, it } from "vitest";
import { invite } from "../../packages/countersign/src/governance/index.ts";
import { ana, bo, cy, openTestPlane, type TestPlane, until } from "../support/plane.ts";

let plane: TestPlane;
let admin: string;
beforeAll(async () => {
  plane = await openTestPlane();
  admin = await plane.person(ana);
});
afterAll(async () => plane?.close());

const form = (members: Record<string, string>) => ({
  raw: new URLSearchParams(members).toString(),
  headers: { "content-type": "application/x-www-form-urlencoded" },
});

async function logIn(email: string): Promise<{ cookie: string; csrf: string }> {
  const link = (await invite(plane.running.control, "countersign", email)).shownOnce.reveal();
  const reply = await plane.call("POST", "/login", form({ link }));
  expect(reply.status).toBe(303);
  const set = reply.headers.get("set-cookie") ?? "";
  expect(set).toMatch(/HttpOnly; SameSite=Strict/);
  const cookie = set.split(";")[0] ?? "";
  const { json } = await plane.call("GET", "/v1/me", { headers: { cookie } });
  expect(json).toMatchObject({ kind: "person", email, method: "link" });
  return { cookie, csrf: json.csrf };
}

it("a login link opens a session once; looking at it uses nothing up", async () => {
  const made = await plane.call("POST", `/v1/people/${cy}/link`, { key: admin });
  const link = new URL(made.json.url).searchParams.get("link") ?? "";
  for (let n = 0; n < 3; n++) {
    const page = await plane.call("GET", `/login?link=${link}`);
    expect(page.text).toContain(cy);
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
  }
  expect((await plane.call("POST", "/login", form({ link }))).status).toBe(303);
  expect((await plane.call("POST", "/login", form({ link }))).status).toBe(401);
  expect((await plane.call("GET", `/login?link=${link}`)).text).not.toContain(cy);
});

it("a session changes nothing without the page's token, and ends at once", async () => {
  const { cookie, csrf } = await logIn(ana);
  const body = { scope: "agent", name: "coder", reason: "a test" };
  const without = await plane.call("POST", "/v1/stops", { headers: { cookie }, body });
  expect(without.status).toBe(403);
  const foreign = await plane.call("POST", "/v1/stops", {
    headers: { cookie, "x-countersign-csrf": csrf, origin: "http://evil.example" },
    body,
  });
  expect(foreign.status).toBe(403);
  const taken = await plane.call("POST", "/v1/stops", { headers: { cookie, "x-countersign-csrf": csrf }, body });
  expect(taken.status).toBe(201);
  const key = await plane.person(bo);
  await plane.call("POST", `/v1/stops/${taken.json.stop.id}/lift`, { key, body: { reason: "done" } });
  await plane.call("POST", "/v1/logout", { headers: { cookie, "x-countersign-csrf": csrf }, body: {} });
  expect((await plane.call("GET", "/v1/me", { headers: { cookie } })).status).toBe(401);
});

it("the approval page shows everything and approves nothing; its form answers exactly what it showed", async () => {
  await plane.grantTier("scribe", "docs-upkeep", 2);
  const key = await plane.agent("scribe");
  const path = join(plane.folder, "sandbox/paged.md");
  const content = '<img src=x onerror="alert(1)">';
  const body = { server: "files", tool: "write_file", arguments: { path, content }, claim: "trust me" };
  const { json: held } = await plane.call("POST", "/v1/actions", { key, body });
  const { cookie, csrf } = await logIn(bo);
  const home = await plane.call("GET", "/plain", { headers: { cookie } });
  expect(home.text).toContain(`href="/approvals/${held.id}"`);
  expect(home.text).toMatch(/asks you/);
  const page = await plane.call("GET", `/approvals/${held.id}`, { headers: { cookie } });
  expect(page.text).toContain("&lt;img src=x onerror=");
  expect(page.text).not.toContain("<img");
  expect(page.text.indexOf("trust me")).toBeGreaterThan(page.text.indexOf("paged.md"));
  const hidden = (name: string) => new RegExp(`name="${name}" value="([^"]+)"`).exec(page.text)?.[1] ?? "";
  expect(hidden("csrf")).toBe(csrf);
  const said = {
    verdict: "approve",
    callDigest: hidden("callDigest"),
    shownDigest: hidden("shownDigest"),
    shownAt: hidden("shownAt"),
    reason: "",
  };
  const post = (members: Record<string, string>) => {
    const sent = form(members);
    return plane.call("POST", `/approvals/${held.id}`, { ...sent, headers: { ...sent.headers, cookie } });
  };
  expect((await post(said)).status).toBe(403);
  expect((await post({ ...said, csrf, shownDigest: `sha256:${"1".repeat(64)}` })).status).toBe(409);
  expect((await plane.call("GET", `/v1/actions/${held.id}`, { key })).json.state).toBe("held");
  expect((await post({ ...said, csrf })).status).toBe(200);
  await plane.call("GET", `/v1/actions/${held.id}?waitMs=10000`, { key });
  expect(readFileSync(path, "utf8")).toBe(content);
  const receipt = await plane.call("GET", `/v1/receipts/${held.id}`, { key: admin });
  const [approval] = receipt.json.approvals.answers;
  expect(approval).toMatchObject({ person: bo, method: "link", shownDigest: said.shownDigest });
  expect(approval.dwellMs).toBeGreaterThanOrEqual(0);
});

it("an agent's key is shown once, rotated without a gap, and dead everywhere when it is revoked", async () => {
  const path = "/v1/agents/scribe/keys";
  const made = await plane.call("POST", path, { key: admin, body: { environment: "staging" } });
  expect(made.status).toBe(201);
  const works = async (key: string, url = plane.url) => (await plane.call("GET", "/v1/me", { key, url })).status;
  expect(await works(made.json.key)).toBe(200);
  const next = await plane.call("POST", `${path}/rotate`, { key: admin, body: { environment: "staging" } });
  expect(next.json.replaces).toBe(made.json.credential);
  expect([await works(made.json.key), await works(next.json.key)]).toEqual([200, 200]);
  const third = await plane.call("POST", path, { key: admin, body: { environment: "staging" } });
  expect(third.status).toBe(409);
  const other = await plane.replica();
  expect(await works(made.json.key, other.url)).toBe(200);
  const revoke = `/v1/credentials/${made.json.credential}/revoke`;
  expect((await plane.call("POST", revoke, { key: admin, body: { because: "rotated" } })).status).toBe(200);
  expect(await works(made.json.key)).toBe(401);
  await until(async () => ((await works(made.json.key, other.url)) === 401 ? true : undefined));
  expect(await works(next.json.key, other.url)).toBe(200);
  await other.close();
  const { json } = await plane.call("GET", "/v1/credentials?subject=scribe", { key: admin });
  expect(JSON.stringify(json)).not.toMatch(/csk_/);
  expect(json.credentials.find((one: { id: string }) => one.id === made.json.credential).revokedAtMs).not.toBeNull();
});

it("a registered public key gets a short token for one resource, which dies with its key", async () => {
  const { publicKey, privateKey } = await generateKeyPair("EdDSA", { extractable: true });
  const jwk = await exportJWK(publicKey);
  const registered = await plane.call("POST", "/v1/agents/scribe/public-keys", {
    key: admin,
    body: { environment: "sandbox", jwk },
  });
  expect(registered.status).toBe(201);
  const metadata = await plane.call("GET", "/.well-known/oauth-authorization-server");
  const { issuer, token_endpoint } = metadata.json;
  expect(issuer).toBe(plane.url);
  const resource = await plane.call("GET", "/.well-known/oauth-protected-resource/mcp");
  expect(resource.json).toMatchObject({ resource: `${plane.url}/mcp`, authorization_servers: [issuer] });
  const token = async (wanted: string) => {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: "scribe", sub: "scribe", aud: issuer, jti: crypto.randomUUID(), iat: now, exp: now + 60 };
    const assertion = await new SignJWT(claims).setProtectedHeader({ alg: "EdDSA" }).sign(privateKey);
    return plane.call(
      "POST",
      new URL(token_endpoint).pathname,
      form({
        grant_type: "client_credentials",
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        client_assertion: assertion,
        resource: wanted,
      }),
    );
  };
  const forApi = await token(`${plane.url}/v1`);
  expect(forApi.headers.get("cache-control")).toBe("no-store");
  expect((await plane.call("GET", "/v1/me", { key: forApi.json.access_token })).json.agent).toBe("scribe");
  const forMcp = await token(`${plane.url}/mcp`);
  expect((await plane.call("GET", "/v1/me", { key: forMcp.json.access_token })).status).toBe(401);
  expect((await token("https://elsewhere.example/mcp")).status).toBe(400);
  await plane.call("POST", `/v1/credentials/${registered.json.credential}/revoke`, {
    key: admin,
    body: { because: "test" },
  });
  expect((await plane.call("GET", "/v1/me", { key: forApi.json.access_token })).status).toBe(401);
});

it("a secret is kept, listed by its name and never read back; the ledger says who kept it", async () => {
  const value = "correct-horse-battery-staple";
  const kept = await plane.call("PUT", "/v1/secrets", { key: admin, body: { name: "helpdesk/token", value } });
  expect(kept.json).toMatchObject({ name: "helpdesk/token", version: 1 });
  const listed = await plane.call("GET", "/v1/secrets", { key: admin });
  expect(listed.json.secrets).toContainEqual(expect.objectContaining({ name: "helpdesk/token", version: 1 }));
  const receipt = await plane.call("GET", kept.json.receipt, { key: admin });
  expect(receipt.json).toMatchObject({ kind: "secret", person: ana, payload: { secret: "helpdesk/token" } });
  for (const reply of [kept, listed, receipt]) expect(reply.text).not.toContain(value);
  const bad = await plane.call("PUT", "/v1/secrets", { key: admin, body: { name: "Not A Name", value } });
  expect(bad.status).toBe(400);
  expect(bad.text).not.toContain(value);
});

function filesOf(folder: string): Record<string, string> {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && /\.(ya?ml|cedar)$/.test(entry.name),
  );
  return Object.fromEntries(
    found.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [relative(folder, path), readFileSync(path, "utf8")];
    }),
  );
}

it("a workspace is planned, proposed by an admin, and in force when a second person has signed", async () => {
  const files = filesOf(plane.folder);
  const changed = {
    ...files,
    "workflows/repo-survey.yaml": (files["workflows/repo-survey.yaml"] ?? "").replace(
      "files.list_directory",
      "files.directory_tree",
    ),
  };
  const { json: before } = await plane.call("GET", "/v1/workspace", { key: admin });
  expect(before.appliedBy).toBe("countersign");
  const planned = await plane.call("POST", "/v1/workspace/plan", { key: admin, body: { files: changed } });
  expect(planned.json.plan.changes.length).toBeGreaterThan(0);
  const viewer = await plane.call("POST", "/v1/workspace/apply", {
    key: await plane.person(cy),
    body: { files: changed },
  });
  expect(viewer.status).toBe(403);
  const stale = { files: changed, expected: `sha256:${"0".repeat(64)}` };
  expect((await plane.call("POST", "/v1/workspace/apply", { key: admin, body: stale })).status).toBe(409);
  const body = { files: changed, expected: before.digest };
  const proposed = await plane.call("POST", "/v1/workspace/apply", { key: admin, body });
  expect(proposed).toMatchObject({ status: 202, json: { inForce: false } });
  expect((await plane.call("GET", "/v1/workspace", { key: admin })).json.digest).toBe(before.digest);
  const path = `/v1/proposals/${proposed.json.proposal}`;
  const sign = { key: await plane.person(bo), body: { digest: planned.json.plan.to } };
  expect((await plane.call("POST", `${path}/sign`, sign)).status).toBe(200);
  const { json: after } = await plane.call("GET", "/v1/workspace", { key: admin });
  expect(after).toMatchObject({ digest: planned.json.plan.to, appliedBy: ana, signedBy: bo, single: false });
  const broken = { files: { ...changed, "workflows/repo-survey.yaml": "workflow: repo-survey\ndri: [a, b]\n" } };
  const refused = await plane.call("POST", "/v1/workspace/plan", { key: admin, body: broken });
  expect(refused.status).toBe(400);
  expect(refused.json.faults.length).toBeGreaterThan(0);
  expect(refused.json.faults[0]).toMatchObject({ file: "workflows/repo-survey.yaml", line: expect.any(Number) });
});

it("whether a secret is kept is told in a plan to whoever may keep secrets, and to nobody else", async () => {
  const put = { key: admin, body: { name: "notices/ops", value: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" } };
  expect((await plane.call("PUT", "/v1/secrets", put)).status).toBe(201);
  const files = filesOf(plane.folder);
  const said = async (person: string, name: string): Promise<string[]> => {
    const channel = `\nnotifications:\n  - { name: ops, kind: webhook, url: "https://acme.example/in", signing: ${name}, on: [approval] }\n`;
    const body = { files: { ...files, "countersign.yaml": `${files["countersign.yaml"]}${channel}` } };
    const { status, json, text } = await plane.call("POST", "/v1/workspace/plan", {
      key: await plane.person(person),
      body,
    });
    expect(status, text).toBe(200);
    return json.problems.map(({ message }: { message: string }) => message);
  };
  expect(await said(ana, "notices/ops")).toEqual([]);
  expect(await said(ana, "notices/opps")).toEqual([expect.stringContaining("there is none of that name")]);
  // An auditor may plan, and may not list secrets.
  expect((await plane.call("GET", "/v1/secrets", { key: await plane.person(cy) })).status).toBe(403);
  expect(await said(cy, "notices/ops")).toEqual([expect.stringContaining("you are not told whether they are kept")]);
  expect(await said(cy, "notices/opps")).toEqual(await said(cy, "notices/ops"));
});

it("what is in force can be read: agents, groups, workflows, tools, policies with their Cedar text", async () => {
  const key = await plane.person(cy);
  const get = async (path: string) => (await plane.call("GET", path, { key })).json;
  expect((await get("/v1/agents")).agents).toContainEqual(
    expect.objectContaining({ name: "scribe", dri: ana, frozen: null }),
  );
  expect((await get("/v1/groups")).groups).toContainEqual(
    expect.objectContaining({ name: "editors", members: [ana, bo] }),
  );
  expect((await get("/v1/workflows")).workflows.map((one: { name: string }) => one.name)).toContain("docs-upkeep");
  const { policies } = await get("/v1/policies");
  expect(
    policies.some((one: { source: string; text: string }) => one.source === "workflow" && one.text.includes("permit")),
  ).toBe(true);
  const { servers } = await get("/v1/catalog");
  expect(servers.map((one: { server: string }) => one.server).sort()).toEqual(["files", "git", "memory"]);
  const mine = await plane.call("GET", "/v1/catalog", { key: await plane.agent("scribe") });
  const names = mine.json.servers.flatMap((one: { tools: { id: string }[] }) => one.tools.map((tool) => tool.id));
  expect(names).toContain("files.read_text_file");
  expect(names).not.toContain("memory.delete_entities");
});
