import { createHmac } from "node:crypto";
import type { JsonObject } from "@countersign/contract";
import type * as oidc from "openid-client";
import { Problem } from "../floor/problem.ts";
import type { Secret } from "../floor/secret.ts";

/** An identity provider as this server is known there. */
export interface Provider {
  readonly issuer: string;
  readonly clientId: string;
  readonly secret: Secret | undefined;
  readonly scopes: readonly string[];
  readonly redirectUri: string;
  /** The claims that are wanted; where the token lacks one, the provider is asked for more. */
  readonly wanted: readonly string[];
  /** Follows no redirect, has a deadline and a limit. */
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
}

/** What binds a login to the browser that began it: of the cookie, so that nothing of it lies in the database. */
export interface Binding {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

export function bindingOf(cookie: string, state: string): Binding {
  const derived = (what: string) =>
    createHmac("sha256", cookie).update(`countersign ${what} ${state}`).digest("base64url");
  return { state, nonce: derived("nonce"), verifier: derived("verifier") };
}

/** Where the browser goes to log in. */
export async function beginAtProvider(provider: Provider, { state, nonce, verifier }: Binding): Promise<URL> {
  return asking(provider, async () => {
    const { oidc, config } = await discover(provider);
    return oidc.buildAuthorizationUrl(config, {
      redirect_uri: provider.redirectUri,
      scope: provider.scopes.join(" "),
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      state,
      nonce,
    });
  });
}

export interface FromProvider {
  readonly claims: JsonObject;
  /** Where the login at the provider is ended, if it can be. */
  readonly logoutUrl: string | undefined;
}

/**
 * Takes the browser's return for claims: the code is exchanged, and the token's issuer, audience, nonce, time and signature
 * hold by keys that are fetched now. Fails with `unavailable` where the provider cannot be asked, and with `forbidden`
 * where what it says does not hold.
 */
export async function completeAtProvider(
  provider: Provider,
  { state, nonce, verifier }: Binding,
  returned: URLSearchParams,
): Promise<FromProvider> {
  return asking(provider, async () => {
    const { oidc, config } = await discover(provider);
    oidc.enableNonRepudiationChecks(config);
    const url = new URL(provider.redirectUri);
    url.search = returned.toString();
    const tokens = await oidc.authorizationCodeGrant(config, url, {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    });
    const told = tokens.claims();
    if (told === undefined) throw new Error("there is no token that names somebody");
    const { userinfo_endpoint, end_session_endpoint } = config.serverMetadata();
    const more =
      provider.wanted.some((name) => told[name] === undefined) && userinfo_endpoint !== undefined
        ? await oidc.fetchUserInfo(config, tokens.access_token, told.sub)
        : {};
    const claims = { ...more, ...told } as unknown as JsonObject;
    const logoutUrl = end_session_endpoint === undefined ? undefined : oidc.buildEndSessionUrl(config).href;
    return { claims, logoutUrl };
  });
}

type Library = typeof oidc;

async function discover({
  issuer,
  clientId,
  secret,
  fetch,
}: Provider): Promise<{ readonly oidc: Library; readonly config: oidc.Configuration }> {
  const oidc = await import("openid-client");
  const url = new URL(issuer);
  const isClear = url.protocol === "http:";
  const config = await oidc.discovery(url, clientId, { [oidc.clockTolerance]: 30 }, authentication(oidc, secret), {
    [oidc.customFetch]: (address, init) => fetch(address, init as RequestInit),
    // Only this very machine is asked without TLS: the workspace's check lets no other such issuer through.
    execute: isClear ? [oidc.allowInsecureRequests] : [],
    timeout: 10,
  });
  const metadata = config.serverMetadata();
  if (new URL(metadata.issuer).href !== url.href) throw new Error("its metadata names another issuer");
  for (const name of [
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "userinfo_endpoint",
    "end_session_endpoint",
  ] as const) {
    const endpoint = metadata[name];
    const needed = name === "authorization_endpoint" || name === "token_endpoint" || name === "jwks_uri";
    if (endpoint === undefined && !needed) continue;
    const { protocol } = new URL(endpoint ?? "");
    if (protocol !== "https:" && !(isClear && protocol === "http:"))
      throw new Error(`its \`${name}\` is no safe address`);
  }
  return { oidc, config };
}

/** As the provider says that it takes it; in the header where it says nothing. */
function authentication(oidc: Library, secret: Secret | undefined): oidc.ClientAuth {
  if (secret === undefined) return oidc.None();
  const [basic, post] = [oidc.ClientSecretBasic(secret.reveal()), oidc.ClientSecretPost(secret.reveal())];
  return (server, client, body, headers) => {
    const taken = server.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
    const way = taken.includes("client_secret_basic") ? basic : post;
    way(server, client, body, headers);
  };
}

/** What the library finds in an answer that came and does not hold. */
const lies = new Set([
  "OAUTH_INVALID_RESPONSE",
  "OAUTH_JWT_CLAIM_COMPARISON_FAILED",
  "OAUTH_JWT_TIMESTAMP_CHECK_FAILED",
  "OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED",
  "OAUTH_KEY_SELECTION_FAILED",
  "OAUTH_UNSUPPORTED_OPERATION",
]);

async function asking<T>({ issuer }: Provider, work: () => Promise<T>): Promise<T> {
  const { host } = new URL(issuer);
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    const oidc = await import("openid-client");
    if (cause instanceof oidc.AuthorizationResponseError)
      throw new Problem("forbidden", `\`${host}\` logged nobody in: \`${short(cause.error)}\``, {
        help: "begin again",
        cause,
      });
    if (cause instanceof oidc.ResponseBodyError)
      throw new Problem("forbidden", `\`${host}\` did not take the login: \`${short(cause.error)}\``, {
        help: "begin again",
        cause,
      });
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    if (lies.has(code))
      throw new Problem("forbidden", `what \`${host}\` answered does not hold, so nobody was logged in`, {
        help: "begin again; if it stays so, tell whoever runs the identity provider",
        cause,
      });
    throw new Problem("unavailable", `\`${host}\` cannot be asked who you are now`, {
      help: "try again in a while; an admin can still log in by a one-time link",
      cause,
    });
  }
}

function short(text: string): string {
  return text.replace(/[^A-Za-z0-9_ .-]/g, "").slice(0, 60);
}
