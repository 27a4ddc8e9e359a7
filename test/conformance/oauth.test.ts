import { generateKeyPairSync } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  beginAuthorization,
  createOAuth,
  type LendClient,
  type OAuthConfig,
  openUpstream,
  redeemCode,
  renewTokens,
  type TokenStore,
  type Tokens,
  verifyIssuer,
} from "../../packages/countersign/src/execution/mcp/index.ts";
import { type Clock, systemClock } from "../../packages/countersign/src/floor/clock.ts";
import { silent } from "../../packages/countersign/src/floor/log.ts";
import { Secret } from "../../packages/countersign/src/floor/secret.ts";
import { type AuthorizationServer, startAuthorizationServer } from "./authorization-server.ts";

let server: AuthorizationServer;
beforeEach(async () => {
  server = await startAuthorizationServer();
});
afterEach(() => server.close());

const kept = (): TokenStore & { tokens?: Tokens | undefined } => ({
  async load() {
    return this.tokens;
  },
  async save(tokens) {
    this.tokens = tokens;
  },
});

const config = (more: Partial<OAuthConfig> = {}): OAuthConfig => ({
  resource: "https://tools.example/mcp",
  issuer: server.issuer,
  clientId: "plane",
  authentication: { kind: "secret", secret: new Secret("client-s3cret") },
  scope: "tools:call",
  grant: { kind: "client_credentials" },
  ...more,
});
const lent =
  (more: Partial<OAuthConfig> = {}): LendClient =>
  (work) =>
    work(config(more), 1);
const byPerson: OAuthConfig["grant"] = { kind: "authorization_code", redirectUri: "http://localhost:4600/oauth/back" };
const tokenIn = (headers: Readonly<Record<string, Secret>>) => headers.authorization?.reveal().slice(7) ?? "";

describe("client credentials", () => {
  it("are fetched once for many calls, for this upstream only", async () => {
    const oauth = createOAuth(lent(), kept(), systemClock);
    const tokens = await Promise.all([1, 2, 3].map(() => oauth.headers()));
    expect(new Set(tokens.map(tokenIn)).size).toBe(1);
    expect(server.valid.has(tokenIn(await oauth.headers()))).toBe(true);
    const basic = `Basic ${Buffer.from("plane:client-s3cret").toString("base64")}`;
    expect(server.requests).toEqual([
      { grant: "client_credentials", resource: "https://tools.example/mcp", scope: "tools:call", how: basic },
    ]);
  });

  it("are fetched again before they end, and after the upstream refused them", async () => {
    let now = 1_000_000;
    const clock: Clock = { now: () => now, tick: () => now };
    const oauth = createOAuth(lent(), kept(), clock);
    await oauth.headers();
    now += 3_530_000;
    await oauth.headers();
    expect(server.requests.length).toBe(1);
    now += 20_000;
    await oauth.headers();
    expect(server.requests.length).toBe(2);
    oauth.refused();
    await oauth.headers();
    expect(server.requests.length).toBe(3);
  });

  it("can be proven with a private key instead of a shared secret", async () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const key = new Secret(privateKey.export({ type: "pkcs8", format: "pem" }).toString());
    await createOAuth(
      lent({ authentication: { kind: "private_key", key, algorithm: "ES256" } }),
      kept(),
      systemClock,
    ).headers();
    expect(server.requests[0]?.how).toBe("private_key_jwt");
  });

  it.each(["error", "redirect", "other issuer"] as const)(
    "give no token where the server answers with %s, and no secret in the error",
    async (fail) => {
      server.fail = fail;
      const failed = await createOAuth(lent(), kept(), systemClock)
        .headers()
        .catch((thrown) => thrown);
      expect(failed).toMatchObject({ code: "unavailable" });
      expect(`${failed.detail} ${failed.stack} ${failed.cause}`).not.toMatch(/s3cret|cGxhbmU6/);
      if (fail === "other issuer") expect(server.requests).toEqual([]);
    },
  );
});

describe("a person's authorization", () => {
  const byCode = () => config({ grant: byPerson });

  it("is proven with a code and PKCE, then renewed with rotating refresh tokens", async () => {
    const { url, verifier } = await beginAuthorization(byCode(), "state-1");
    expect(new URL(url).searchParams.get("resource")).toBe("https://tools.example/mcp");
    expect(`${verifier}`).toBe("[secret]");
    const { code, state } = server.visit(url);
    expect(state).toBe("state-1");
    const another = new Secret("another verifier ".repeat(4));
    await expect(redeemCode(byCode(), { code, verifier: another }, systemClock)).rejects.toMatchObject({
      code: "unavailable",
    });
    let tokens = await redeemCode(byCode(), { code: server.visit(url).code, verifier }, systemClock);
    const first = tokens.access.reveal();
    for (let i = 0; i < 2; i++) {
      tokens = await renewTokens(byCode(), tokens.refresh as Secret, systemClock);
      expect(tokens.access.reveal()).not.toBe(first);
    }
    expect(server.requests.map((asked) => asked.grant)).toEqual([
      "authorization_code",
      "authorization_code",
      "refresh_token",
      "refresh_token",
    ]);
  });

  it("does not take a code that another server's browser brought", async () => {
    const { url, verifier } = await beginAuthorization(byCode(), "s");
    const brought = { code: server.visit(url).code, verifier, iss: "http://evil.example" };
    await expect(redeemCode(byCode(), brought, systemClock)).rejects.toMatchObject({ code: "unavailable" });
    await expect(verifyIssuer(byCode(), "http://evil.example")).rejects.toMatchObject({ code: "forbidden" });
    expect(server.requests).toEqual([]);
  });

  it("is not begun where the server takes no PKCE, or sends browsers to an address that is not safe", async () => {
    server.metadata = { code_challenge_methods_supported: undefined };
    await expect(beginAuthorization(byCode(), "s")).rejects.toMatchObject({ code: "unavailable" });
    server.metadata = { authorization_endpoint: "http://elsewhere.example/authorize" };
    await expect(beginAuthorization(byCode(), "s")).rejects.toMatchObject({ code: "unavailable" });
  });
});

it("without a token nothing is sent to the upstream", async () => {
  server.fail = "error";
  const credentials = createOAuth(lent(), kept(), systemClock);
  const upstream = openUpstream(
    { server: "x", transport: "http", url: `${server.issuer}/mcp`, headers: {}, credentials },
    { log: silent, clock: systemClock },
  );
  const answer = await upstream.call({
    actionId: "a",
    server: "x",
    method: "tools/call",
    params: { name: "t" },
    deadlineMs: 20_000,
    signal: new AbortController().signal,
    workflow: "w",
  });
  expect(answer).toEqual({ kind: "never_sent", reason: "the upstream's credential could not be had" });
  await upstream.close();
});
