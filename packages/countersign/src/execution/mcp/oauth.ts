import {
  type AddClientAuthentication,
  ClientCredentialsProvider,
  createPrivateKeyJwtAuth,
  discoverAuthorizationServerMetadata,
  exchangeAuthorization,
  fetchToken,
  type OAuthTokens,
  PrivateKeyJwtProvider,
  refreshAuthorization,
  startAuthorization,
} from "@modelcontextprotocol/client";
import type { Clock } from "../../floor/clock.ts";
import { Problem } from "../../floor/problem.ts";
import { Secret } from "../../floor/secret.ts";
import { carefulFetch } from "./careful-fetch.ts";

export interface OAuthConfig {
  /** The upstream's own address: tokens are asked for this audience only (RFC 8707). */
  readonly resource: string;
  /** The one authorization server that may see the client's credential. */
  readonly issuer: string;
  readonly clientId: string;
  readonly authentication:
    | { readonly kind: "none" }
    | { readonly kind: "secret"; readonly secret: Secret }
    | { readonly kind: "private_key"; readonly key: Secret; readonly algorithm: string };
  readonly scope?: string;
  readonly grant:
    | { readonly kind: "client_credentials" }
    | { readonly kind: "authorization_code"; readonly redirectUri: string };
}

export interface Tokens {
  readonly access: Secret;
  readonly refresh?: Secret;
  readonly expiresAtMs?: number;
}

/** Where the tokens of one grant are kept, sealed: one person's, or one workflow's. */
export interface TokenStore {
  load(): Promise<Tokens | undefined>;
  save(tokens: Tokens | undefined): Promise<void>;
}

/** A started authorization: the address for the person's browser, and what must be kept until they come back. */
export interface Authorization {
  readonly url: string;
  readonly verifier: Secret;
}

export interface OAuth {
  headers(): Promise<Readonly<Record<string, Secret>>>;
  /** The upstream did not take the token: the next request gets another. */
  refused(): void;
  begin(state: string): Promise<Authorization>;
  /** `iss` as the browser brought it (RFC 9207). */
  complete(code: string, verifier: Secret, iss?: string): Promise<void>;
}

const earlyMs = 60_000;

/** An upstream's OAuth client. A token is fetched once however many calls wait for it, and never leaves this room in clear. */
export function createOAuth(config: OAuthConfig, store: TokenStore, clock: Clock): OAuth {
  let stale = false;
  let fetching: Promise<Tokens> | undefined;

  const current = async (): Promise<Tokens> => {
    const held = await store.load();
    const fresh =
      held !== undefined && !stale && (held.expiresAtMs ?? Number.POSITIVE_INFINITY) - earlyMs > clock.now();
    if (fresh) return held;
    fetching ??= renew(config, held, clock)
      .then(async (tokens) => {
        await store.save(tokens);
        stale = false;
        return tokens;
      })
      .finally(() => {
        fetching = undefined;
      });
    return fetching;
  };

  return {
    async headers() {
      return { authorization: new Secret(`Bearer ${(await current()).access.reveal()}`) };
    },
    refused() {
      stale = true;
    },
    async begin(state) {
      const { redirectUri } = codeGrant(config);
      const metadata = await metadataOf(config);
      const { authorizationUrl, codeVerifier } = await startAuthorization(config.issuer, {
        metadata,
        clientInformation: clientOf(config),
        redirectUrl: redirectUri,
        state,
        resource: new URL(config.resource),
        ...(config.scope === undefined ? {} : { scope: config.scope }),
      });
      return { url: authorizationUrl.href, verifier: new Secret(codeVerifier) };
    },
    async complete(code, verifier, iss) {
      const { redirectUri } = codeGrant(config);
      const metadata = await metadataOf(config);
      const tokens = await guarded(config, () =>
        exchangeAuthorization(config.issuer, {
          metadata,
          clientInformation: clientOf(config),
          authorizationCode: code,
          codeVerifier: verifier.reveal(),
          redirectUri,
          resource: new URL(config.resource),
          fetchFn: carefulFetch,
          ...(iss === undefined ? {} : { iss }),
          ...authenticationOf(config),
        }),
      );
      await store.save(toTokens(tokens, undefined, clock));
      stale = false;
    },
  };
}

async function renew(config: OAuthConfig, held: Tokens | undefined, clock: Clock): Promise<Tokens> {
  const metadata = await metadataOf(config);
  const resource = new URL(config.resource);
  const asked = { metadata, resource, fetchFn: carefulFetch };
  if (config.grant.kind === "client_credentials") {
    return toTokens(
      await guarded(config, () =>
        fetchToken(providerOf(config), config.issuer, {
          ...asked,
          ...(config.scope === undefined ? {} : { scope: config.scope }),
        }),
      ),
      undefined,
      clock,
    );
  }
  const refreshToken = held?.refresh;
  if (refreshToken === undefined) throw notConnected(config);
  const refresh = {
    ...asked,
    clientInformation: clientOf(config),
    refreshToken: refreshToken.reveal(),
    ...authenticationOf(config),
  };
  return toTokens(await guarded(config, () => refreshAuthorization(config.issuer, refresh)), refreshToken, clock);
}

type Metadata = NonNullable<Awaited<ReturnType<typeof discoverAuthorizationServerMetadata>>>;

async function metadataOf(config: OAuthConfig): Promise<Metadata> {
  const found = await guarded(config, () =>
    discoverAuthorizationServerMetadata(config.issuer, { fetchFn: carefulFetch }),
  );
  if (found === undefined || found.issuer !== config.issuer) {
    throw new Problem("unavailable", "the upstream's authorization server does not say who it is", {
      help: "check `issuer`",
    });
  }
  return found;
}

function providerOf(config: OAuthConfig): ClientCredentialsProvider | PrivateKeyJwtProvider {
  const { authentication, clientId, issuer } = config;
  const scope = config.scope === undefined ? {} : { scope: config.scope };
  if (authentication.kind === "secret") {
    return new ClientCredentialsProvider({
      clientId,
      clientSecret: authentication.secret.reveal(),
      expectedIssuer: issuer,
      ...scope,
    });
  }
  if (authentication.kind === "none") throw new Problem("invalid", "client credentials need a secret or a private key");
  const { algorithm, key } = authentication;
  return new PrivateKeyJwtProvider({ clientId, algorithm, privateKey: keyOf(key), expectedIssuer: issuer, ...scope });
}

/** A private key is kept as PEM or as a JWK's JSON. */
function keyOf(key: Secret): string | Record<string, unknown> {
  const text = key.reveal();
  return text.trimStart().startsWith("{") ? (JSON.parse(text) as Record<string, unknown>) : text;
}

function clientOf(config: OAuthConfig): { client_id: string; client_secret?: string } {
  const { authentication, clientId } = config;
  return authentication.kind === "secret"
    ? { client_id: clientId, client_secret: authentication.secret.reveal() }
    : { client_id: clientId };
}

function authenticationOf(config: OAuthConfig): { addClientAuthentication?: AddClientAuthentication } {
  const { authentication, clientId } = config;
  if (authentication.kind !== "private_key") return {};
  const { algorithm: alg, key } = authentication;
  return {
    addClientAuthentication: createPrivateKeyJwtAuth({
      issuer: clientId,
      subject: clientId,
      privateKey: keyOf(key),
      alg,
    }),
  };
}

function codeGrant(config: OAuthConfig): { readonly redirectUri: string } {
  if (config.grant.kind === "authorization_code") return config.grant;
  throw new Problem("invalid", "this upstream uses client credentials; there is nothing for a person to connect");
}

function toTokens(tokens: OAuthTokens, before: Secret | undefined, clock: Clock): Tokens {
  const refresh = tokens.refresh_token === undefined ? before : new Secret(tokens.refresh_token);
  return {
    access: new Secret(tokens.access_token),
    ...(refresh === undefined ? {} : { refresh }),
    ...(tokens.expires_in === undefined ? {} : { expiresAtMs: clock.now() + tokens.expires_in * 1_000 }),
  };
}

function notConnected(config: OAuthConfig): Problem {
  return new Problem("unavailable", `nobody has connected the upstream at \`${new URL(config.resource).host}\` yet`, {
    help: "a person connects it once in the console",
  });
}

// An error of the authorization server may repeat what was sent to it: only its kind is passed on.
async function guarded<T>(config: OAuthConfig, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof Problem) throw thrown;
    const kind =
      thrown instanceof Error && "code" in thrown && typeof thrown.code === "string"
        ? ` (${thrown.code.slice(0, 60)})`
        : "";
    throw new Problem(
      "unavailable",
      `the authorization server at \`${new URL(config.issuer).host}\` gave no token${kind}`,
    );
  }
}
