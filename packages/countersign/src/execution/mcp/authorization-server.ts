import type { AddClientAuthentication, discoverAuthorizationServerMetadata } from "@modelcontextprotocol/client";
import { Problem } from "../../floor/problem.ts";
import { carefulFetch } from "./careful-fetch.ts";
import type { OAuthConfig } from "./oauth-config.ts";
import { privateJwk } from "./private-key.ts";

export type Metadata = NonNullable<Awaited<ReturnType<typeof discoverAuthorizationServerMetadata>>>;

/** The authorization server answered and gave no token. `error` is its code (RFC 6749, 5.2), where it said one. */
export class NoToken extends Problem {
  readonly error: string | undefined;
  constructor(issuer: string, error: string | undefined) {
    const kind = error === undefined ? "" : ` (${error})`;
    super("unavailable", `the authorization server at \`${new URL(issuer).host}\` gave no token${kind}`);
    this.error = error;
  }
}

export async function metadataOf(config: OAuthConfig): Promise<Metadata> {
  // The library is large, and most servers need no token: it is loaded with the first that does.
  const library = await import("@modelcontextprotocol/client");
  const found = await guarded(config, () =>
    library.discoverAuthorizationServerMetadata(config.issuer, { fetchFn: carefulFetch }),
  );
  if (found === undefined || found.issuer !== config.issuer) {
    throw new Problem("unavailable", "the upstream's authorization server does not say who it is", {
      help: "check `issuer`",
    });
  }
  return found;
}

/** Fails where an answer does not come from the server that was asked (RFC 9207); what it says it comes from is not repeated. */
export async function verifyIssuer(config: OAuthConfig, iss: string | undefined): Promise<void> {
  const metadata = await metadataOf(config);
  const isMissing = iss === undefined && metadata.authorization_response_iss_parameter_supported === true;
  if (!isMissing && (iss === undefined || iss === config.issuer)) return;
  throw new Problem("forbidden", "the answer does not come from the authorization server that was asked", {
    help: "nothing was connected, and the code was sent nowhere",
  });
}

export function clientOf(config: OAuthConfig): { client_id: string; client_secret?: string } {
  const { authentication, clientId } = config;
  return authentication.kind === "secret"
    ? { client_id: clientId, client_secret: authentication.secret.reveal() }
    : { client_id: clientId };
}

export async function authenticationOf(
  config: OAuthConfig,
): Promise<{ addClientAuthentication?: AddClientAuthentication }> {
  const { authentication, clientId } = config;
  if (authentication.kind !== "private_key") return {};
  const { createPrivateKeyJwtAuth } = await import("@modelcontextprotocol/client");
  const { algorithm: alg, key } = authentication;
  return {
    addClientAuthentication: createPrivateKeyJwtAuth({
      issuer: clientId,
      subject: clientId,
      privateKey: privateJwk(key),
      alg,
    }),
  };
}

export function codeGrant(config: OAuthConfig): { readonly redirectUri: string } {
  if (config.grant.kind === "authorization_code") return config.grant;
  throw new Problem("invalid", "this upstream uses client credentials; there is nothing for a person to connect");
}

// An error of the authorization server may repeat what was sent to it: only its kind is passed on.
export async function guarded<T>(config: OAuthConfig, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof Problem) throw thrown;
    const code = thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : "";
    throw new NoToken(config.issuer, /^[A-Za-z0-9_.-]{1,60}$/.test(code) ? code : undefined);
  }
}

const loopback = /^(localhost|127\.0\.0\.1|\[::1\])$/;

/** An endpoint of the server, where it is one that a browser or a credential may be sent to. */
export function safeEndpoint(config: OAuthConfig, address: unknown): URL {
  const url = typeof address === "string" && URL.canParse(address) ? new URL(address) : undefined;
  const isSafe =
    url !== undefined && (url.protocol === "https:" || (url.protocol === "http:" && loopback.test(url.hostname)));
  if (isSafe && url.username === "" && url.password === "") return url;
  const host = new URL(config.issuer).host;
  throw new Problem("unavailable", `the authorization server at \`${host}\` names an address that is not safe to use`);
}
