import { createHmac } from "node:crypto";
import { exportSPKI, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openTestDatabase, type TestDatabase } from "../../../../test/support/database.ts";
import { authenticate } from "./authenticate.ts";
import type { ExchangeContext } from "./exchange.ts";
import { exchangeWorkload } from "./exchange-workload.ts";
import { forgetExpired } from "./forget-expired.ts";
import { IssuerKeys } from "./issuer-keys.ts";
import { revokeCredential } from "./revoke-credential.ts";
import { workloadsAmong } from "./sql.ts";
import { standWorkloads } from "./stand-workloads.ts";
import { type TrustedIssuer, type WorkloadRule, workloadRules } from "./workload.ts";
import { acme, HandClock, keyPair, mcp, openReplica, publicUrl, type Replica, testSealer } from "./world.fixture.ts";

const issuer = "https://ci.example/org";
const sub = "repo:acme/app:ref:refs/heads/main";
const rule: TrustedIssuer = {
  issuer,
  environment: "production",
  claims: [
    { name: "environment", is: "live" },
    { name: "sub", is: sub },
  ],
  reusable: false,
};
const byPrefix: TrustedIssuer = {
  issuer,
  environment: "staging",
  claims: [{ name: "sub", prefix: "system:serviceaccount:ns:" }],
  reusable: true,
};

let database: TestDatabase;
const clock = new HandClock();
let replica: Replica;
let two: Replica;
let signer: Awaited<ReturnType<typeof keyPair>>;
let rules: readonly WorkloadRule[];
let keys: IssuerKeys;
let asked: string[];
let answers: Map<string, () => Response | Promise<Response>>;
const metadata = `${issuer}/.well-known/openid-configuration`;

/** Puts rules in force, as a workspace that is applied does. */
async function stand(all: readonly WorkloadRule[], by = "ana@acme.example"): Promise<void> {
  rules = all;
  await database.db.transaction((tx) => standWorkloads(tx, clock, all, { by, vouchedBy: [] }));
  await poll();
}

const poll = (): Promise<unknown> => Promise.all([replica.poll(), two.poll()]);

const json = (body: unknown, status = 200): Response => new Response(JSON.stringify(body), { status });

beforeAll(async () => {
  database = await openTestDatabase();
  const sealer = testSealer();
  replica = await openReplica(database.db, clock, sealer);
  two = await openReplica(database.db, clock, sealer);
});
afterAll(() => database?.close());

beforeEach(async () => {
  signer = await keyPair("ES256");
  asked = [];
  answers = new Map([
    [metadata, () => json({ issuer, jwks_uri: "https://keys.ci.example/jwks" })],
    ["https://keys.ci.example/jwks", () => json({ keys: [{ ...signer.jwk, kid: "one" }] })],
  ]);
  keys = new IssuerKeys(async (url) => {
    asked.push(url);
    return (await answers.get(url)?.()) ?? json({}, 404);
  }, clock);
  await stand([]);
  await stand(workloadRules([{ name: "reply-bot", identity: [rule, byPrefix] }]));
  clock.wait(61_000);
  await poll();
});

interface Change {
  readonly claims?: Record<string, unknown>;
  readonly header?: Record<string, unknown>;
}

let serial = 0;
function signed({ claims = {}, header = {} }: Change = {}, by = signer): Promise<string> {
  const now = Math.floor(clock.now() / 1000);
  serial += 1;
  const right = { iss: issuer, sub, aud: publicUrl, jti: `w-${serial}`, iat: now, exp: now + 300, environment: "live" };
  return new SignJWT({ ...right, ...claims })
    .setProtectedHeader({ alg: by.alg, kid: "one", typ: "JWT", ...header })
    .sign(by.privateKey, { crit: { exp: true } });
}

const grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const form = (assertion: string, change: Record<string, string> = {}) =>
  new URLSearchParams({ grant_type: grant, assertion, resource: mcp, ...change });

async function bring(
  text: string,
  change: Partial<ExchangeContext> = {},
  more: Record<string, string> = {},
  at = replica,
) {
  const context = {
    ...at.tokenDoor(change),
    directory: { ...acme, workloads: rules },
    issuerKeys: keys,
    ...change,
  };
  return exchangeWorkload(database.db, clock, form(text, more), context);
}

async function opened(text: string): Promise<string> {
  const answer = await bring(text);
  if (answer.status !== 200) throw new Error(JSON.stringify(answer));
  return answer.body.access_token;
}

const call = (text: string, at = replica) => authenticate({ authorization: `Bearer ${text}` }, at.door());
const refusal = (error: string, words: RegExp) => ({
  status: 400,
  body: { error, error_description: expect.stringMatching(words) },
});
const invalid = refusal("invalid_grant", /^the assertion is not valid$/);

describe("a token of a trusted issuer", () => {
  it("MT-111 is exchanged for five minutes as the agent whose rule it fits, in the rule's environment", async () => {
    const answer = await bring(await signed());
    expect(answer).toMatchObject({ status: 200, agent: "reply-bot", body: { token_type: "Bearer", expires_in: 300 } });
    const who = await call(await opened(await signed()));
    expect(who).toMatchObject({
      agent: "reply-bot",
      environment: "production",
      workload: { issuer, subject: sub },
      vouchedBy: ["ana@acme.example"],
    });
    expect(asked).toEqual([metadata, "https://keys.ci.example/jwks"]);
  });

  it.each<[string, Change]>([
    ["is over", { claims: { iat: 1_789_999_000, exp: 1_789_999_300 } }],
    ["is of tomorrow", { claims: { nbf: 1_890_000_000 } }],
    ["was signed in the future", { claims: { iat: 1_800_000_000, exp: 1_800_000_300 } }],
    ["lives for more than an hour", { claims: { exp: 1_890_000_000 } }],
    ["ends before it began", { claims: { exp: 1_000 } }],
    ["has no end", { claims: { exp: undefined } }],
    ["has no beginning", { claims: { iat: undefined } }],
    ["has an end that is no number", { claims: { exp: "9999999999" } }],
    ["is for two", { claims: { aud: [publicUrl, "https://other.example"] } }],
    ["is for nobody", { claims: { aud: undefined } }],
    ["is about nobody", { claims: { sub: "" } }],
    ["has a `jti` that is no text", { claims: { jti: 7 } }],
    ["is of another issuer", { claims: { iss: "https://other.example" } }],
    ["is of nearly the same issuer", { claims: { iss: `${issuer}/` } }],
    ["names a key that its issuer has not", { header: { kid: "two" } }],
    ["names no key", { header: { kid: undefined } }],
    ["is an access token", { header: { typ: "at+jwt" } }],
    ["is a logout token", { header: { typ: "logout+jwt" } }],
    ["asks for what is not understood", { header: { crit: ["exp"], exp: 1 } }],
  ])("that %s is refused, and it is not said why", async (_, change) => {
    expect(await bring(await signed(change))).toEqual(invalid);
  });

  it("with another signature than the issuer's is refused: none, of a secret, of another key, of another algorithm", async () => {
    const now = Math.floor(clock.now() / 1000);
    const claims = { iss: issuer, sub, aud: publicUrl, iat: now, exp: now + 300, environment: "live" };
    expect(await bring(new UnsecuredJWT(claims).encode())).toEqual(invalid);
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    const body = `${part({ alg: "HS256", kid: "one" })}.${part(claims)}`;
    const mac = createHmac("sha256", await exportSPKI(signer.publicKey))
      .update(body)
      .digest("base64url");
    expect(await bring(`${body}.${mac}`)).toEqual(invalid);
    expect(await bring(await signed({}, await keyPair("ES256")))).toEqual(invalid);
    expect(await bring(await signed({}, await keyPair("RS256")))).toEqual(invalid);
    expect(await bring(`${await signed()}x`)).toEqual(invalid);
    expect(await bring("x".repeat(9_000))).toEqual(invalid);
    const own = await keyPair("ES256");
    expect(await bring(await signed({ header: { jwk: own.jwk, jku: "https://evil.example/jwks" } }, own))).toEqual(
      invalid,
    );
    expect(asked.filter((url) => url.includes("evil"))).toEqual([]);
  });

  it("of an issuer that no rule names has nobody asked, wherever it says that its keys are", async () => {
    expect(await bring(await signed({ claims: { iss: "https://169.254.169.254" } }))).toEqual(invalid);
    expect(asked).toEqual([]);
  });

  it("that fits no rule is told so, once its signature holds", async () => {
    const none = refusal("invalid_grant", /^no agent here has a rule/);
    for (const claims of [
      { sub: `${sub}2` },
      { sub: sub.toUpperCase() },
      { sub: "system:serviceaccount:ns" },
      { environment: "Live" },
      { environment: undefined },
      { environment: true },
      { environment: ["live"] },
      { aud: `${publicUrl}/` },
      { aud: "https://other.example" },
    ])
      expect(
        await bring(await signed({ claims }), { source: `192.0.2.${++serial % 200}` }),
        JSON.stringify(claims),
      ).toEqual(none);
  });

  it("that fits the rules of two is nobody's, also where one of them was revoked", async () => {
    await stand(
      workloadRules([
        { name: "reply-bot", identity: [rule] },
        { name: "deploy-bot", identity: [rule] },
      ]),
    );
    const both = refusal("invalid_grant", /^more than one rule fits/);
    expect(await bring(await signed())).toEqual(both);
    await revoke("deploy-bot");
    expect(await bring(await signed())).toEqual(both);
  });

  it("works once, by its `jti`, or by all that is signed where it has none", async () => {
    const used = refusal("invalid_grant", /used before/);
    const first = await signed();
    const both = await Promise.all([bring(first), bring(first, {}, {}, two)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 400]);
    expect(await bring(first)).toEqual(used);
    expect(await bring(first, {}, {}, two)).toEqual(used);
    const again = await signed({ claims: { jti: `w-${serial}`, extra: 1 } });
    expect(await bring(again)).toEqual(used);
    const bare = await signed({ claims: { jti: undefined } });
    expect((await bring(bare)).status).toBe(200);
    // ES256 has a second signature that verifies as well.
    const [header, payload, signature = ""] = bare.split(".");
    const bytes = Buffer.from(signature, "base64url");
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
    const other = order - BigInt(`0x${bytes.subarray(32).toString("hex")}`);
    const twin = Buffer.concat([bytes.subarray(0, 32), Buffer.from(other.toString(16).padStart(64, "0"), "hex")]);
    expect(await bring(`${header}.${payload}.${twin.toString("base64url")}`)).toEqual(used);
  });

  it("is known as used by a replica whose clock is minutes behind that of the one that forgets", async () => {
    const used = refusal("invalid_grant", /used before/);
    const text = await signed();
    expect((await bring(text)).status).toBe(200);
    // Over for five minutes here, and not yet there.
    clock.wait(600_000);
    await forgetExpired(database.db, clock);
    clock.wait(-590_000);
    await poll();
    expect(await bring(text, {}, {}, two)).toEqual(used);
    clock.wait(900_000);
    const kept = () => database.owner.query<{ n: number }>("select count(*)::int as n from used_assertion", []);
    expect((await kept()).rows[0]?.n).toBeGreaterThan(0);
    await forgetExpired(database.db, clock);
    expect((await kept()).rows).toEqual([{ n: 0 }]);
  });

  it("is used up by nobody who asks in another form", async () => {
    const text = await signed();
    for (const more of [
      { resource: "https://other.example" },
      { client_id: "deploy-bot" },
      { client_secret: "x" },
      { client_assertion: text },
    ])
      expect((await bring(text, {}, more as Record<string, string>)).status).toBe(400);
    expect((await bring(text, { proof: "x.y.z" })).status).toBe(400);
    expect((await bring(text, {}, { client_id: "reply-bot" })).status).toBe(200);
  });
});

describe("a token that may be used again", () => {
  const reused = (): Promise<string> => signed({ claims: { sub: "system:serviceaccount:ns:runner" } });

  async function proof(key: Awaited<ReturnType<typeof keyPair>>): Promise<string> {
    serial += 1;
    const claims = {
      htm: "POST",
      htu: `${publicUrl}/oauth/token`,
      jti: `p-${serial}`,
      iat: Math.floor(clock.now() / 1000),
    };
    return new SignJWT(claims).setProtectedHeader({ typ: "dpop+jwt", alg: key.alg, jwk: key.jwk }).sign(key.privateKey);
  }

  it("belongs to whoever used it first, by the key of their proof", async () => {
    const text = await reused();
    const [mine, theirs] = [await keyPair(), await keyPair()];
    expect(await bring(text)).toEqual(refusal("invalid_dpop_proof", /DPoP/));
    const first = await bring(text, { proof: await proof(mine) });
    expect(first).toMatchObject({ status: 200, body: { token_type: "DPoP" } });
    expect(await bring(text, { proof: await proof(theirs) })).toEqual(refusal("invalid_grant", /used before/));
    expect((await bring(text, { proof: await proof(mine) })).status).toBe(200);
    expect((await bring(await reused(), { proof: await proof(theirs) })).status).toBe(200);
  });
});

async function revoke(agent: string): Promise<void> {
  const found = [...replica.set().byId.values()].find((one) => one.kind === "agent_workload" && one.agent === agent);
  const which = { id: found?.id ?? "" };
  await database.db.transaction((tx) => revokeCredential(tx, clock, { which, by: "ana@acme.example", because: "x" }));
  await poll();
}

describe("an identity", () => {
  it("MT-111 that is revoked ends its tokens, stays so while its rule stands, and opens anew with another rule", async () => {
    const text = await opened(await signed());
    for (const at of [replica, two]) expect(await call(text, at)).toMatchObject({ agent: "reply-bot" });
    await stand(workloadRules([{ name: "reply-bot", identity: [rule] }]));
    await revoke("reply-bot");
    for (const at of [replica, two]) await expect(call(text, at)).rejects.toMatchObject({ code: "not_authenticated" });
    const gone = refusal("invalid_grant", /revoked/);
    expect(await bring(await signed())).toEqual(gone);
    await stand(workloadRules([{ name: "reply-bot", identity: [rule] }]));
    expect(await bring(await signed())).toEqual(gone);
    await stand(workloadRules([{ name: "reply-bot", identity: [{ ...rule, note: "opened again" }] }]));
    expect((await bring(await signed())).status).toBe(200);
    await expect(call(text)).rejects.toMatchObject({ code: "not_authenticated" });
  });

  it("ends with its rule, and a rule that comes back makes another", async () => {
    const text = await opened(await signed());
    await stand(workloadRules([{ name: "reply-bot", identity: [byPrefix] }]));
    for (const at of [replica, two]) await expect(call(text, at)).rejects.toMatchObject({ code: "not_authenticated" });
    await stand(workloadRules([{ name: "reply-bot", identity: [rule, byPrefix] }]));
    await expect(call(text)).rejects.toMatchObject({ code: "not_authenticated" });
    expect((await bring(await signed())).status).toBe(200);
  });

  it("stands untouched where other rules come and go, whoever puts them in force", async () => {
    const text = await opened(await signed());
    await stand(workloadRules([{ name: "reply-bot", identity: [rule] }]), "bo@acme.example");
    expect(await call(text)).toMatchObject({ vouchedBy: ["ana@acme.example"] });
  });

  it("is told from other credentials by name, and the others are not read", async () => {
    const { rows } = await database.owner.query<{ id: string; kind: string }>("select id, kind from credential", []);
    const [one] = rows.filter(({ kind }) => kind === "agent_workload");
    expect(rows.length).toBeGreaterThan(2);
    expect(await workloadsAmong(database.db, [one?.id ?? "", "key_of_nobody"])).toEqual(new Set([one?.id]));
    expect(await workloadsAmong(database.db, [])).toEqual(new Set());
  });

  it("of an agent whose owner left gets nothing", async () => {
    await stand(workloadRules([{ name: "lost-bot", identity: [rule] }]));
    expect(await bring(await signed())).toEqual(refusal("unauthorized_client", /frozen/));
  });
});

describe("an issuer", () => {
  const away = { status: 503, body: { error: "temporarily_unavailable", error_description: expect.any(String) } };

  it("MT-111 rotates its keys under use: the new one is asked for once, the old one ends", async () => {
    expect((await bring(await signed())).status).toBe(200);
    const old = signer;
    signer = await keyPair("ES256");
    const next = signer;
    answers.set("https://keys.ci.example/jwks", () => json({ keys: [{ ...next.jwk, kid: "two" }] }));
    clock.wait(10_000);
    await poll();
    const both = await Promise.all([1, 2, 3].map(async () => bring(await signed({ header: { kid: "two" } }))));
    expect(both.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(asked).toHaveLength(4);
    expect(await bring(await signed({}, old))).toEqual(invalid);
  });

  it("is asked again for a key that it has not once in ten seconds, whoever asks how often", async () => {
    await bring(await signed());
    for (let at = 0; at < 5; at++) expect(await bring(await signed({ header: { kid: `k${at}` } }))).toEqual(invalid);
    expect(asked).toHaveLength(2);
    clock.wait(10_000);
    await poll();
    for (let at = 0; at < 5; at++) expect(await bring(await signed({ header: { kid: `k${at}` } }))).toEqual(invalid);
    expect(asked).toHaveLength(4);
  });

  it("that is away is believed for ten minutes, and after that nobody is", async () => {
    await bring(await signed());
    answers.clear();
    clock.wait(599_000);
    await poll();
    expect((await bring(await signed())).status).toBe(200);
    clock.wait(2_000);
    await poll();
    expect(await bring(await signed())).toEqual(away);
    const times = asked.length;
    expect(await bring(await signed())).toEqual(away);
    expect(asked).toHaveLength(times);
  });

  it.each<[string, () => void]>([
    [
      "whose metadata names another",
      () =>
        answers.set(metadata, () =>
          json({ issuer: "https://other.example", jwks_uri: "https://keys.ci.example/jwks" }),
        ),
    ],
    [
      "whose metadata names none",
      () => answers.set(metadata, () => json({ jwks_uri: "https://keys.ci.example/jwks" })),
    ],
    [
      "whose keys come without TLS",
      () => answers.set(metadata, () => json({ issuer, jwks_uri: "http://keys.ci.example/jwks" })),
    ],
    [
      "whose keys are on this machine",
      () => answers.set(metadata, () => json({ issuer, jwks_uri: "https://127.0.0.1/jwks" })),
    ],
    [
      "whose keys are where clouds keep credentials",
      () => answers.set(metadata, () => json({ issuer, jwks_uri: "https://169.254.169.254/jwks" })),
    ],
    [
      "whose keys take a password",
      () => answers.set(metadata, () => json({ issuer, jwks_uri: "https://a:b@keys.ci.example/jwks" })),
    ],
    ["whose keys are no list", () => answers.set("https://keys.ci.example/jwks", () => json({ keys: "x" }))],
    [
      "whose keys are too many",
      () => answers.set("https://keys.ci.example/jwks", () => json({ keys: Array.from({ length: 51 }, () => ({})) })),
    ],
    ["that answers no JSON", () => answers.set(metadata, () => new Response("<html>"))],
    ["that answers with an error", () => answers.set(metadata, () => json({ issuer }, 500))],
    ["that breaks off", () => answers.set(metadata, () => Promise.reject(new Error("secret detail")))],
  ])("%s vouches for nobody, and what went wrong stays here", async (_, lie) => {
    lie();
    const answer = await bring(await signed());
    expect(answer).toEqual(away);
    expect(JSON.stringify(answer)).not.toMatch(/secret|169|127|<html|password/);
  });

  it("with keys that are not taken here vouches with the others only", async () => {
    const weak = { kty: "RSA", n: "AQAB", e: "AQ", kid: "weak" };
    const twice = { ...(await keyPair("ES256")).jwk, kid: "twice" };
    const right = { ...signer.jwk, kid: "one" };
    answers.set("https://keys.ci.example/jwks", () =>
      json({
        keys: [null, {}, weak, twice, { ...right, kid: "twice" }, { kty: "oct", k: "c2VjcmV0", kid: "oct" }, right],
      }),
    );
    expect((await bring(await signed())).status).toBe(200);
    for (const kid of ["weak", "oct", "twice"]) expect(await bring(await signed({ header: { kid } }))).toEqual(invalid);
  });

  it("is not worked for where its source keeps failing", async () => {
    for (let at = 0; at < 20; at++) await bring("x", { source: "203.0.113.9" });
    expect((await bring(await signed(), { source: "203.0.113.9" })).status).toBe(429);
    expect((await bring(await signed(), { source: "203.0.113.10" })).status).toBe(200);
  });
});
