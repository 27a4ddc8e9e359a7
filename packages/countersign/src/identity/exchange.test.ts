import { createHash, createHmac, generateKeyPairSync } from "node:crypto";
import { exportSPKI, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openTestDatabase, type TestDatabase } from "../../../../test/support/database.ts";
import { authenticate } from "./authenticate.ts";
import type { ExchangeContext } from "./exchange.ts";
import { exchange } from "./exchange.ts";
import { forgetExpired } from "./forget-expired.ts";
import { registerPublicKey } from "./register-public-key.ts";
import { revokeCredential } from "./revoke-credential.ts";
import { rotateTokenKey } from "./token-key.ts";
import {
  HandClock,
  keyPair,
  mcp,
  openReplica,
  publicUrl,
  type Replica,
  signAssertion,
  testSealer,
  tokenForm,
} from "./world.fixture.ts";

let database: TestDatabase;
const clock = new HandClock();
const sealer = testSealer();
const by = "ana@acme.example";
let one: Replica;
let two: Replica;
let key: Awaited<ReturnType<typeof keyPair>>;
let credential: string;

async function register(agent: string, environment: string, jwk: unknown): Promise<string> {
  const made = await database.db.transaction((tx) => registerPublicKey(tx, clock, { agent, environment, jwk, by }));
  await Promise.all([one.poll(), two.poll()]);
  return made.credential.id;
}

const ask = (form: URLSearchParams, replica = one, change: Partial<ExchangeContext> = {}) =>
  database.db.transaction((tx) => exchange(tx, clock, form, replica.tokenDoor(change)));

async function token(text: Promise<string> | string): Promise<string> {
  const answer = await ask(tokenForm(await text));
  if (answer.status !== 200) throw new Error(JSON.stringify(answer));
  return answer.body.access_token;
}

const call = (text: string, replica = one, change = {}) =>
  authenticate({ authorization: `Bearer ${text}` }, replica.door(change));
const unknown = {
  status: 401,
  body: { error: "invalid_client", error_description: "the client assertion is not valid" },
};

beforeAll(async () => {
  database = await openTestDatabase();
  one = await openReplica(database.db, clock, sealer);
  two = await openReplica(database.db, clock, sealer);
  key = await keyPair();
  credential = await register("reply-bot", "production", { ...key.jwk, kid: "main" });
});
beforeEach(() => clock.wait(61_000));
beforeEach(() => Promise.all([one.poll(), two.poll()]));
afterAll(() => database.close());

describe("what is accepted", () => {
  it.each(["EdDSA", "ES256", "RS256"] as const)(
    "an assertion signed with %s, for a token of five minutes at most",
    async (alg) => {
      const pair = alg === "EdDSA" ? key : await keyPair(alg);
      if (alg !== "EdDSA") await register("reply-bot", alg, pair.jwk);
      const answer = await ask(tokenForm(await signAssertion(clock, pair)));
      expect(answer).toMatchObject({
        status: 200,
        body: { token_type: "Bearer", expires_in: 300 },
        agent: "reply-bot",
      });
      if (answer.status !== 200) return;
      expect(await call(answer.body.access_token, two)).toMatchObject({
        agent: "reply-bot",
        credential: answer.credential,
      });
    },
  );

  it.each([{ kid: "main" }, { typ: "JWT" }, { typ: "client-authentication+jwt" }])("with header %o", async (header) => {
    expect((await ask(tokenForm(await signAssertion(clock, key, { header })))).status).toBe(200);
  });

  it.each([publicUrl, `${publicUrl}/oauth/token`, [publicUrl]])("addressed to %o", async (aud) => {
    expect((await ask(tokenForm(await signAssertion(clock, key, { claims: { aud } })))).status).toBe(200);
  });

  it("clocks half a minute apart", async () => {
    const now = Math.floor(clock.now() / 1000);
    for (const claims of [
      { iat: now + 29, exp: now + 60 },
      { iat: now - 80, exp: now - 29 },
      { iat: now + 29, exp: now + 329 },
    ]) {
      expect((await ask(tokenForm(await signAssertion(clock, key, { claims })))).status).toBe(200);
    }
  });
});

describe("what is refused, always with the same words", () => {
  const now = () => Math.floor(clock.now() / 1000);
  const claims: readonly [string, () => Record<string, unknown>][] = [
    ["expired", () => ({ iat: now() - 120, exp: now() - 31 })],
    ["valid for longer than five minutes", () => ({ exp: now() + 301 })],
    ["valid for years", () => ({ exp: now() + 1e8 })],
    ["issued in the future", () => ({ iat: now() + 31 })],
    ["issued long ago", () => ({ iat: now() - 400 })],
    ["without iat", () => ({ iat: undefined })],
    ["without exp", () => ({ exp: undefined })],
    ["with times that are texts", () => ({ exp: String(now() + 60) })],
    ["not yet valid", () => ({ nbf: now() + 60 })],
    ["without jti", () => ({ jti: undefined })],
    ["with an empty jti", () => ({ jti: "" })],
    ["with a jti that is an object", () => ({ jti: { a: 1 } })],
    ["with a huge jti", () => ({ jti: "x".repeat(257) })],
    ["addressed to another server", () => ({ aud: "https://other.example" })],
    ["addressed to the resource", () => ({ aud: mcp })],
    ["addressed to us and another", () => ({ aud: [publicUrl, "https://other.example"] })],
    ["addressed to nobody", () => ({ aud: undefined })],
    ["by one agent for another", () => ({ iss: "deploy-bot" })],
    ["for an agent that did not sign", () => ({ iss: "deploy-bot", sub: "deploy-bot" })],
    ["for an agent named after a member of every object", () => ({ iss: "__proto__", sub: "__proto__" })],
    ["without sub", () => ({ sub: undefined, iss: undefined })],
  ];
  it.each(claims)("%s", async (_, change) => {
    expect(await ask(tokenForm(await signAssertion(clock, key, { claims: change() })))).toEqual(unknown);
  });

  it("alg none", async () => {
    const body = { iss: "reply-bot", sub: "reply-bot", aud: publicUrl, jti: "none", iat: now(), exp: now() + 60 };
    expect(await ask(tokenForm(new UnsecuredJWT(body).encode()))).toEqual(unknown);
    const signed = await signAssertion(clock, key);
    const header = Buffer.from('{"alg":"none"}').toString("base64url");
    expect(await ask(tokenForm(`${header}.${signed.split(".")[1]}.${signed.split(".")[2]}`))).toEqual(unknown);
    expect(await ask(tokenForm(`${header}.${signed.split(".")[1]}.`))).toEqual(unknown);
  });

  it("HS256 with the public key, in each form, as the shared secret", async () => {
    const rsa = await keyPair("RS256");
    await register("reply-bot", "confusion", rsa.jwk);
    const secrets = [await exportSPKI(rsa.publicKey), JSON.stringify(rsa.jwk), key.jwk.x ?? ""];
    for (const secret of [...secrets.map((text) => Buffer.from(text)), Buffer.from(key.jwk.x ?? "", "base64url")]) {
      const signed = await signAssertion(clock, rsa);
      const header = Buffer.from(JSON.stringify({ alg: "HS256", kid: "main" })).toString("base64url");
      const text = `${header}.${signed.split(".")[1]}`;
      const mac = createHmac("sha256", secret).update(text).digest("base64url");
      expect(await ask(tokenForm(`${text}.${mac}`))).toEqual(unknown);
    }
  });

  it("an algorithm of the same key's kind that it was not registered with", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    await register("reply-bot", "pss", publicKey.export({ format: "jwk" }));
    const claims = { iss: "reply-bot", sub: "reply-bot", aud: publicUrl, jti: "ps", iat: now(), exp: now() + 60 };
    for (const alg of ["PS256", "RS384", "RS512"]) {
      const text = await new SignJWT(claims).setProtectedHeader({ alg }).sign(privateKey);
      expect(await ask(tokenForm(text))).toEqual(unknown);
    }
    const right = await new SignJWT(claims).setProtectedHeader({ alg: "RS256" }).sign(privateKey);
    expect((await ask(tokenForm(right))).status).toBe(200);
  });

  it("a stranger's key that its own header brings along, or points to", async () => {
    const stranger = await keyPair();
    let fetched = 0;
    const before = globalThis.fetch;
    globalThis.fetch = async () => {
      fetched += 1;
      return Response.json({ keys: [{ ...stranger.jwk, kid: "main" }] });
    };
    try {
      for (const header of [
        { jwk: stranger.jwk },
        { jku: "https://evil.example/jwks", kid: "main" },
        { x5u: "https://evil.example/cert" },
        { x5c: ["AAAA"] },
      ]) {
        expect(await ask(tokenForm(await signAssertion(clock, stranger, { header })))).toEqual(unknown);
      }
    } finally {
      globalThis.fetch = before;
    }
    expect(fetched).toBe(0);
  });

  it.each([
    { kid: "../../etc/passwd" },
    { kid: "' or 1=1 --" },
    { kid: "__proto__" },
    { kid: "" },
    { typ: "at+jwt" },
    { typ: "dpop+jwt" },
  ])("header %o", async (header) => {
    expect(await ask(tokenForm(await signAssertion(clock, key, { header })))).toEqual(unknown);
  });

  it("the kid of another agent's key", async () => {
    const other = await keyPair();
    const id = await register("deploy-bot", "kid", { ...other.jwk, kid: "deploy" });
    for (const kid of ["deploy", id]) {
      expect(await ask(tokenForm(await signAssertion(clock, other, { header: { kid } })))).toEqual(unknown);
    }
  });

  it("what is no assertion at all, or a changed one, or a huge one", async () => {
    const [head, body, mark] = (await signAssertion(clock, key)).split(".");
    const changed = Buffer.from(
      Buffer.from(body ?? "", "base64url")
        .toString()
        .replace(/jti-\d+/, "jti-x"),
    ).toString("base64url");
    for (const text of [
      "",
      "a",
      "a.b.c",
      "..",
      `${head}.${changed}.${mark}`,
      `${head}.${body}`,
      `${head}.${body}.${mark}.x`,
      "x".repeat(100_000),
    ]) {
      expect(await ask(tokenForm(text))).toEqual(unknown);
      clock.wait(61_000);
      await one.poll();
    }
  });

  it("a client_id that is not the one who signed", async () => {
    expect(await ask(tokenForm(await signAssertion(clock, key), { client_id: "deploy-bot" }))).toEqual(unknown);
  });
});

describe("once", () => {
  it("an assertion is good for one token, at whichever replica, also when both are asked together", async () => {
    const text = await signAssertion(clock, key);
    const answers = await Promise.all([one, two, one, two, one, two].map((replica) => ask(tokenForm(text), replica)));
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
    expect(answers.filter((answer) => answer.status === 401)).toHaveLength(5);
  });

  it("is still known when the clock skew would let it in, and forgotten only after that", async () => {
    const text = await signAssertion(clock, key);
    await token(text);
    clock.wait(89_000);
    await Promise.all([one.poll(), forgetExpired(database.db, clock)]);
    expect(await ask(tokenForm(text))).toEqual(unknown);
    // Another replica may be minutes behind.
    clock.wait(300_000);
    await forgetExpired(database.db, clock);
    clock.wait(-300_000);
    await one.poll();
    expect(await ask(tokenForm(text))).toEqual(unknown);
    clock.wait(600_000);
    expect(await forgetExpired(database.db, clock)).toBeGreaterThan(0);
    await one.poll();
    expect(await ask(tokenForm(text))).toEqual(unknown);
  });

  it("is not used up by someone who only copied its jti", async () => {
    const stranger = await keyPair();
    await ask(tokenForm(await signAssertion(clock, stranger, { claims: { jti: "planned" } })));
    expect((await ask(tokenForm(await signAssertion(clock, key, { claims: { jti: "planned" } })))).status).toBe(200);
  });
});

describe("the form", () => {
  const cases: readonly [string, string, Record<string, string>][] = [
    ["another grant", "unsupported_grant_type", { grant_type: "password" }],
    ["a shared secret", "invalid_client", { client_secret: "x" }],
    [
      "another assertion type",
      "invalid_client",
      { client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:saml2-bearer" },
    ],
    ["another server's resource", "invalid_target", { resource: "https://other.example/mcp" }],
  ];
  it.each(cases)("with %s is %s", async (_, error, change) => {
    expect(await ask(tokenForm(await signAssertion(clock, key), change))).toMatchObject({ body: { error } });
  });

  it("without a resource, or with two, or with a parameter twice, is refused and uses nothing up", async () => {
    const text = await signAssertion(clock, key);
    const without = tokenForm(text);
    without.delete("resource");
    expect(await ask(without)).toMatchObject({ status: 400, body: { error: "invalid_target" } });
    const twice = tokenForm(text);
    twice.append("resource", mcp);
    expect(await ask(twice)).toMatchObject({ status: 400, body: { error: "invalid_target" } });
    const again = tokenForm(text);
    again.append("grant_type", "client_credentials");
    expect(await ask(again)).toMatchObject({ status: 400, body: { error: "invalid_request" } });
    expect((await ask(tokenForm(text))).status).toBe(200);
  });
});

describe("the token", () => {
  it("opens only the address it is for", async () => {
    const text = await token(signAssertion(clock, key));
    await expect(call(text, one, { audiences: [`${publicUrl}/v1`] })).rejects.toMatchObject({
      code: "not_authenticated",
    });
    await call(text, one, { audiences: [`${publicUrl}/mcp/github`, mcp] });
  });

  it("opens nothing after five minutes, though it was used and is known", async () => {
    const text = await token(signAssertion(clock, key));
    await call(text);
    clock.wait(299_000);
    await one.poll();
    await call(text);
    clock.wait(1_000);
    await expect(call(text)).rejects.toMatchObject({ code: "not_authenticated" });
  });

  it("changed in any part, or signed by an agent's own key, opens nothing", async () => {
    const text = await token(signAssertion(clock, key));
    const [head = "", body = "", mark = ""] = text.split(".");
    const claims = JSON.parse(Buffer.from(body, "base64url").toString());
    const forged = Buffer.from(JSON.stringify({ ...claims, sub: "deploy-bot" })).toString("base64url");
    const own = await new SignJWT(claims)
      .setProtectedHeader({ alg: "EdDSA", typ: "at+jwt", kid: one.tokenKeys().signs.kid })
      .sign(key.privateKey);
    for (const other of [`${head}.${forged}.${mark}`, `${head}.${body}.`, own, await signAssertion(clock, key)]) {
      await expect(call(other)).rejects.toMatchObject({ code: "not_authenticated" });
    }
  });

  it("dies with its credential at every replica, cached or not", async () => {
    const pair = await keyPair();
    const id = await register("reply-bot", "brief", pair.jwk);
    const text = await token(signAssertion(clock, pair));
    await call(text, one);
    await database.db.transaction((tx) => revokeCredential(tx, clock, { which: { id }, by, because: "leaked" }));
    await Promise.all([one.poll(), two.poll()]);
    for (const replica of [one, two])
      await expect(call(text, replica)).rejects.toMatchObject({ code: "not_authenticated" });
    expect(await ask(tokenForm(await signAssertion(clock, pair)))).toEqual(unknown);
    expect(await call(await token(signAssertion(clock, key)))).toMatchObject({ credential });
  });

  it("survives a rotation of the server's key, which signs no more", async () => {
    const before = one.tokenKeys();
    const text = await token(signAssertion(clock, key));
    await database.db.transaction((tx) => rotateTokenKey(tx, clock, sealer, { by }));
    await Promise.all([one.poll(), two.poll()]);
    expect(one.tokenKeys().signs.kid).not.toBe(before.signs.kid);
    await call(text, one);
    const fresh = await token(signAssertion(clock, key));
    await call(fresh, two);
    clock.wait(301_000);
    await two.poll();
    await database.db.transaction((tx) => rotateTokenKey(tx, clock, sealer, { by }));
    await two.poll();
    expect(two.tokenKeys().verifies.has(before.signs.kid)).toBe(false);
  });

  it("falls at once where the server's key is distrusted", async () => {
    const text = await token(signAssertion(clock, key));
    for (const replica of [one, two]) await call(text, replica);
    await database.db.transaction((tx) => rotateTokenKey(tx, clock, sealer, { by, distrust: true }));
    await Promise.all([one.poll(), two.poll()]);
    for (const replica of [one, two])
      await expect(call(text, replica)).rejects.toMatchObject({ code: "not_authenticated" });
    await call(await token(signAssertion(clock, key)));
  });

  it("of a server that had another public address opens nothing", async () => {
    const text = await token(signAssertion(clock, key));
    await expect(call(text, one, { publicUrl: "https://new.acme.example" })).rejects.toMatchObject({
      code: "not_authenticated",
    });
  });

  it("is neither given nor good after its public key has expired, without any poll", async () => {
    const pair = await keyPair();
    const wanted = { agent: "reply-bot", environment: "ends", jwk: pair.jwk, by, expiresInMs: 3000 };
    await database.db.transaction((tx) => registerPublicKey(tx, clock, wanted));
    await one.poll();
    const answer = await ask(tokenForm(await signAssertion(clock, pair)));
    expect(answer).toMatchObject({ status: 200, body: { expires_in: 3 } });
    clock.wait(3000);
    expect(await ask(tokenForm(await signAssertion(clock, pair)))).toEqual(unknown);
  });

  it("keeps no private key in clear in the database", async () => {
    const { rows } = await database.owner.query<{ sealed: Buffer }>("select sealed from token_key");
    expect(rows.length).toBeGreaterThan(0);
    const pkcs8 = Buffer.from("302e020100300506032b6570", "hex");
    for (const row of rows) expect(Buffer.from(row.sealed).includes(pkcs8)).toBe(false);
    const elsewhere = await openReplica(database.db, clock, testSealer()).catch((problem: unknown) => problem);
    expect(elsewhere).toMatchObject({ code: "unavailable" });
  });

  it("of an agent whose owner has left is not given", async () => {
    const pair = await keyPair("ES256");
    await register("lost-bot", "production", pair.jwk);
    const text = await signAssertion(clock, pair, { claims: { iss: "lost-bot", sub: "lost-bot" } });
    expect(await ask(tokenForm(text))).toMatchObject({ status: 400, body: { error: "unauthorized_client" } });
  });
});

it("the server checks no more signatures for a source that keeps failing, and does for others", async () => {
  for (let i = 0; i < 20; i++) await ask(tokenForm("a.b.c"), one, { source: "198.51.100.9" });
  expect((await ask(tokenForm(await signAssertion(clock, key)), one, { source: "198.51.100.9" })).status).toBe(429);
  expect((await ask(tokenForm(await signAssertion(clock, key)), one, { source: "198.51.100.10" })).status).toBe(200);
});

it("a public key is taken only whole, public, strong and unused", async () => {
  const pair = await keyPair();
  const secret = { ...pair.jwk, d: createHash("sha256").update("d").digest("base64url") };
  const small = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ format: "jwk" });
  const curve = generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey.export({ format: "jwk" });
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({ format: "jwk" });
  const refused = [
    secret,
    small,
    curve,
    { ...rsa, e: "AQ" },
    { kty: "oct", k: "AAAA" },
    { ...pair.jwk, x: "AAAA" },
    null,
    "x",
    [],
    { ...pair.jwk, alg: "HS256" },
    { ...pair.jwk, use: "enc" },
    { kty: "EC", crv: "P-256", x: "AAAA", y: "AAAA" },
  ];
  for (const jwk of refused) await expect(register("reply-bot", "bad", jwk)).rejects.toMatchObject({ code: "invalid" });
  await expect(register("deploy-bot", "bad", key.jwk)).rejects.toMatchObject({ code: "conflict" });
});
