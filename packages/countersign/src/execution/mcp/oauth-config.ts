import type { Clock } from "../../floor/clock.ts";
import { Problem } from "../../floor/problem.ts";
import { Secret } from "../../floor/secret.ts";

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
  /** What was granted, where the server says so. */
  readonly scope?: string;
}

/** What a token endpoint answered; a refresh token that it does not replace stays. */
export function toTokens(
  answer: {
    readonly access_token: string;
    readonly token_type: string;
    readonly refresh_token?: string | undefined;
    readonly expires_in?: number | undefined;
    readonly scope?: string | undefined;
  },
  before: Secret | undefined,
  clock: Clock,
): Tokens {
  if (answer.token_type.toLowerCase() !== "bearer")
    throw new Problem("unavailable", "the authorization server gave a token that is not a bearer token");
  const refresh = answer.refresh_token === undefined ? before : new Secret(answer.refresh_token);
  return {
    access: new Secret(answer.access_token),
    ...(refresh === undefined ? {} : { refresh }),
    ...(answer.expires_in === undefined ? {} : { expiresAtMs: clock.now() + answer.expires_in * 1_000 }),
    ...(answer.scope === undefined ? {} : { scope: answer.scope }),
  };
}
