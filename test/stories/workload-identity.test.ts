import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { verifyBundle } from "@countersign/contract";
import { Client, type OAuthClientProvider, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openAlert } from "../../packages/countersign/src/action/alert-sql.ts";
import { systemClock } from "../../packages/countersign/src/floor/clock.ts";
import { alertSharedKeys } from "../../packages/countersign/src/governance/alert-shared-keys.ts";
import { openTestCli, type TestCli } from "../support/cli.ts";
import { ana, bo, openTestPlane, type Reply, type TestPlane, until } from "../support/plane.ts";
import { startWorkloadProvider, type WorkloadProvider } from "../support/workload-provider.ts";

const main = "repo:acme/docs:ref:refs/heads/main";
const pod = "system:serviceaccount:agents:scribe";
const stranger = "repo:evil/docs:ref:refs/heads/main";

let idp: WorkloadProvider;
let plane: TestPlane;
let cli: TestCli;
let aheadTicks = 0;

const rules = (note = "") => `    identity:
      - issuer: ${idp.issuer}
        environment: sandbox
        claims: { sub: "${main}", environment: live }${note}
      - issuer: ${idp.issuer}
        environment: sandbox
        claims: { sub: { prefix: "system:serviceaccount:agents:" } }
        reusable: true
`;
const owner = "  - name: scribe\n    owner: ana@acme.example\n";

beforeAll(async () => {
  idp = await startWorkloadProvider([main, pod, stranger], { environment: "live" });
  plane = await openTestPlane({
    edit: { "countersign.yaml": (text) => text.replace(owner, `${owner}${rules()}`) },
    clock: { now: () => systemClock.now(), tick: () => systemClock.tick() + aheadTicks },
  });
  cli = openTestCli();
});
afterAll(async () => {
  cli?.close();
  await plane?.close();
  await idp?.close();
});

const grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";

function bring(assertion: string, headers: Record<string, string> = {}): Promise<Reply> {
  const raw = new URLSearchParams({ grant_type: grant, assertion, resource: `${plane.url}/v1` }).toString();
  const form = { "content-type": "application/x-www-form-urlencoded", ...headers };
  return plane.call("POST", "/oauth/token", { raw, headers: form });
}

/** A token of this server for the workload that runs on the main branch. */
async function exchanged(): Promise<string> {
  // Where a replica reads its lease anew, it says so and is asked again.
  const { json } = await until(async () => {
    const reply = await bring(await idp.token(main, plane.url));
    if (reply.status !== 503 && reply.status !== 200) throw new Error(reply.text);
    return reply.status === 200 ? reply : undefined;
  });
  return json.access_token;
}

const meStatus = async (key: string): Promise<number> => (await plane.call("GET", "/v1/me", { key })).status;

/** Puts the workspace in force with this change of its file, as two people do. */
async function apply(edit: (text: string) => string): Promise<void> {
  const files: Record<string, string> = { ...plane.running.control.keeper.loaded().files };
  files["countersign.yaml"] = edit(files["countersign.yaml"] ?? "");
  const asked = await plane.call("POST", "/v1/workspace/apply", { key: await plane.person(ana), body: { files } });
  expect(asked.status, asked.text).toBe(202);
  const body = { digest: asked.json.plan.to };
  const key = await plane.person(bo);
  const signed = await plane.call("POST", `/v1/proposals/${asked.json.proposal}/sign`, { key, body });
  expect(signed.status, signed.text).toBe(200);
}

it("MT-111 a client of MCP finds by itself how it is known, acts with what its platform signed, and the receipt names it", async () => {
  let kept: Record<string, unknown> | undefined;
  const provider: OAuthClientProvider = {
    redirectUrl: undefined,
    clientMetadata: { redirect_uris: [], grant_types: [grant] },
    clientInformation: () => ({ client_id: "scribe" }),
    tokens: () => kept as never,
    saveTokens: (tokens) => {
      kept = { ...tokens };
    },
    redirectToAuthorization: () => {
      throw new Error("nobody is there to log in");
    },
    saveCodeVerifier: () => undefined,
    codeVerifier: () => "",
    prepareTokenRequest: async () =>
      new URLSearchParams({ grant_type: grant, assertion: await idp.token(main, plane.url) }),
  };
  const client = new Client({ name: "a job", version: "1.0.0" });
  const transport = new StreamableHTTPClientTransport(new URL(`${plane.url}/mcp`), { authProvider: provider });
  await client.connect(transport);
  expect(kept).toMatchObject({ token_type: "Bearer", expires_in: 300 });
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toContain("files__read_text_file");
  const path = join(plane.folder, "sandbox", "pages", "welcome.md");
  const answer = await client.callTool({ name: "files__read_text_file", arguments: { path } });
  expect(answer.isError, JSON.stringify(answer)).not.toBe(true);
  await client.close();

  const key = await plane.person(ana);
  const { json: listed } = await plane.call("GET", "/v1/actions?agent=scribe", { key });
  const [{ id }] = listed.actions;
  const receipt = await plane.call("GET", `/v1/receipts/${id}`, { key });
  expect(receipt.json.what).toMatchObject({ agent: "scribe", workload: { issuer: idp.issuer, subject: main } });
  const page = await plane.call("GET", `/receipts/${id}.html`, { key });
  expect(page.text).toContain(`was known by ${idp.issuer} as ${main}`);
  const ran = await cli.run(["receipt", id], { env: { COUNTERSIGN_URL: plane.url, COUNTERSIGN_KEY: key } });
  expect(ran.stdout.replaceAll(/\s+/g, " ")).toContain(`known by ${idp.issuer} as ${main}`);
  const bundle = await until(async () => {
    const found = await plane.call("GET", `/v1/receipts/${id}/bundle`, { key });
    return found.status === 200 ? found : undefined;
  });
  const trust = await plane.call("GET", "/v1/ledger/trust", { key });
  expect((await verifyBundle(new TextEncoder().encode(bundle.text), trust.json)).problems).toEqual([]);
});

it("who it is stands on the token, and in the list of credentials with how it is known", async () => {
  const me = await plane.call("GET", "/v1/me", { key: await exchanged() });
  expect(me.json).toMatchObject({
    agent: "scribe",
    environment: "sandbox",
    workload: { issuer: idp.issuer, subject: main },
  });
  const env = { COUNTERSIGN_URL: plane.url, COUNTERSIGN_KEY: await plane.person(ana) };
  const { stdout } = await cli.run(["agent", "keys", "scribe"], { env });
  expect(stdout).toMatch(
    /key_\S+ +scribe +agent_workload +sandbox +- +its rule ends +environment "live", sub "repo:acme/,
  );
});

it("jobs of one workload in several places are no sign that it is shared", async () => {
  const key = await exchanged();
  for (const client of ["job one", "job two", "job one"])
    await plane.call("GET", "/v1/me", { key, headers: { "user-agent": client } });
  const person = await plane.person(ana);
  const { shared } = await until(async () => {
    const { json } = await plane.call("GET", "/v1/credentials/uses", { key: person });
    const clients = json.uses.map((one: { client: string }) => one.client);
    return clients.includes("job one") && clients.includes("job two") ? json : undefined;
  }, 60_000);
  expect(shared).toEqual([]);
  await alertSharedKeys(plane.running.control);
  const { alerts } = (await plane.call("GET", "/v1/alerts?limit=200", { key: person })).json;
  expect(alerts.filter(({ kind }: { kind: string }) => kind === "shared-key")).toEqual([]);
}, 90_000);

it("an alert about one that was opened all the same is closed by itself", async () => {
  const person = await plane.person(ana);
  const { json } = await plane.call("GET", "/v1/credentials?subject=scribe", { key: person });
  const { id } = json.credentials.find(({ kind }: { kind: string }) => kind === "agent_workload");
  const { db } = plane.running.assembled;
  await openAlert(db, "gov_of_before", "shared-key", id, "seems to have two users");
  const open = async () =>
    (await plane.call("GET", "/v1/alerts?limit=200", { key: person })).json.alerts.filter(
      ({ subject }: { subject: string }) => subject === id,
    );
  expect(await open()).toHaveLength(1);
  await alertSharedKeys(plane.running.control);
  expect(await open()).toEqual([]);
});

it("a token for somebody else, of somebody else, or used before opens nothing", async () => {
  expect((await bring(await idp.token(stranger, plane.url))).json.error).toBe("invalid_grant");
  expect((await bring(await idp.token(main, "https://other.example"))).json.error).toBe("invalid_grant");
  expect((await bring(await idp.token(main, `${plane.url}/v1`))).json.error).toBe("invalid_grant");
  const once = await idp.token(main, plane.url);
  const all = await Promise.all([bring(once), bring(once), bring(once), bring(once)]);
  expect(all.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400]);
});

it("a token that lies in a file is brought again by whoever has the first proof's key, and by nobody else", async () => {
  const text = await idp.token(pod, plane.url);
  const pair = async () => {
    const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
    return { privateKey, jwk: await exportJWK(publicKey) };
  };
  const [mine, theirs] = [await pair(), await pair()];
  const proof = ({ privateKey, jwk }: Awaited<ReturnType<typeof pair>>) =>
    new SignJWT({
      htm: "POST",
      htu: `${plane.url}/oauth/token`,
      jti: crypto.randomUUID(),
      iat: Math.floor(Date.now() / 1000),
    })
      .setProtectedHeader({ typ: "dpop+jwt", alg: "ES256", jwk })
      .sign(privateKey);
  expect((await bring(text)).json.error).toBe("invalid_dpop_proof");
  const first = await bring(text, { dpop: await proof(mine) });
  expect([first.status, first.json.token_type]).toEqual([200, "DPoP"]);
  expect((await bring(text, { dpop: await proof(theirs) })).status).toBe(400);
  expect((await bring(text, { dpop: await proof(mine) })).status).toBe(200);
  expect(await meStatus(first.json.access_token)).toBe(401);
});

it("MT-111 the issuer's keys are rotated under use: what was exchanged goes on, the next is signed with the new key", async () => {
  const before = await exchanged();
  const old = await idp.token(main, plane.url);
  await idp.rotate();
  aheadTicks += 10_000;
  const after = await exchanged();
  expect([await meStatus(before), await meStatus(after)]).toEqual([200, 200]);
  expect((await bring(old)).json).toEqual({
    error: "invalid_grant",
    error_description: "the assertion is not valid",
  });
});

it("MT-111 an identity that is revoked ends at once, with all that was made from it, and stays so", async () => {
  const key = await plane.person(ana);
  const [here, there] = [await exchanged(), await exchanged()];
  expect([await meStatus(here), await meStatus(there)]).toEqual([200, 200]);
  const { json } = await plane.call("GET", "/v1/credentials?subject=scribe", { key });
  const { id } = json.credentials.find((one: { note: string }) => one.note.includes(main));
  const because = "the runner was taken over";
  expect((await plane.call("POST", `/v1/credentials/${id}/revoke`, { key, body: { because } })).status).toBe(200);
  expect([await meStatus(here), await meStatus(there)]).toEqual([401, 401]);
  const refused = await bring(await idp.token(main, plane.url));
  expect([refused.status, refused.json.error]).toEqual([400, "invalid_grant"]);
  expect(refused.json.error_description).toContain("revoked");
  await apply((text) => text.replace(", environment: live }", ", environment: live }\n        note: opened again"));
  const opened = await exchanged();
  expect([await meStatus(opened), await meStatus(here)]).toEqual([200, 401]);
});

it("MT-111 a rule that is taken out ends what was made by it, in the write that takes it out", async () => {
  const text = await exchanged();
  expect(await meStatus(text)).toBe(200);
  await apply((file) => file.replace(rules("\n        note: opened again"), ""));
  expect(await meStatus(text)).toBe(401);
  const asked = idp.asked;
  expect((await bring(await idp.token(main, plane.url))).json.error).toBe("invalid_grant");
  expect(idp.asked).toBe(asked);
});

it("check and plan say how agents are known, and refuse what could not be told apart", async () => {
  const folder = join(cli.home, "workspace");
  const write = (edit: (text: string) => string): void => {
    for (const [file, text] of Object.entries(plane.running.control.keeper.loaded().files)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), file === "countersign.yaml" ? edit(text) : text);
    }
  };
  const env = { COUNTERSIGN_URL: plane.url, COUNTERSIGN_KEY: await plane.person(ana) };
  write((text) => text.replace(owner, `${owner}${rules()}`));
  expect((await cli.run(["check"], { cwd: folder })).exit).toBe(0);
  const planned = await cli.run(["plan"], { cwd: folder, env });
  expect(planned.stdout).toContain(
    'known by `environment "live", sub "repo:acme/docs:ref:refs/heads/main" of http://127.0.0.1',
  );
  write((text) =>
    text.replace(owner, `${owner}${rules()}`).replace("owner: bo@acme.example\n", `owner: bo@acme.example\n${rules()}`),
  );
  const both = await cli.run(["check"], { cwd: folder });
  expect([both.exit, both.stdout + both.stderr]).toEqual([
    expect.any(Number),
    expect.stringContaining("one token could fit this rule of `coder` and rule 1 of `scribe`"),
  ]);
  expect(both.exit).not.toBe(0);
});
