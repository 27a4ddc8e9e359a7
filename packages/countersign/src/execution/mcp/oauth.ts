import type { ClientCredentialsProvider, PrivateKeyJwtProvider } from "@modelcontextprotocol/client";
import type { Clock } from "../../floor/clock.ts";
import { Problem } from "../../floor/problem.ts";
import { Secret } from "../../floor/secret.ts";
import { guarded, metadataOf } from "./authorization-server.ts";
import { carefulFetch } from "./careful-fetch.ts";
import { type OAuthConfig, type Tokens, toTokens } from "./oauth-config.ts";
import { privateJwk } from "./private-key.ts";

/** Where the tokens of one client are kept. */
export interface TokenStore {
  load(): Promise<Tokens | undefined>;
  save(tokens: Tokens | undefined): Promise<void>;
}

export interface OAuth {
  headers(): Promise<Readonly<Record<string, Secret>>>;
  /** The upstream did not take the token: the next request gets another. */
  refused(): void;
}

/** Tokens that end sooner than this are renewed before they are used. */
export const earlyMs = 60_000;

/** An OAuth client that stands for itself (client credentials). A token is fetched once however many calls wait for it. */
export function createOAuth(config: OAuthConfig, store: TokenStore, clock: Clock): OAuth {
  let stale = false;
  let fetching: Promise<Tokens> | undefined;

  const current = async (): Promise<Tokens> => {
    const held = await store.load();
    const fresh =
      held !== undefined && !stale && (held.expiresAtMs ?? Number.POSITIVE_INFINITY) - earlyMs > clock.now();
    if (fresh) return held;
    fetching ??= fetchTokens(config, clock)
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
  };
}

async function fetchTokens(config: OAuthConfig, clock: Clock): Promise<Tokens> {
  const metadata = await metadataOf(config);
  const asked = {
    metadata,
    resource: new URL(config.resource),
    fetchFn: carefulFetch,
    ...(config.scope === undefined ? {} : { scope: config.scope }),
  };
  const { fetchToken } = await import("@modelcontextprotocol/client");
  const provider = await providerOf(config);
  const tokens = await guarded(config, () => fetchToken(provider, config.issuer, asked));
  return toTokens(tokens, undefined, clock);
}

async function providerOf(config: OAuthConfig): Promise<ClientCredentialsProvider | PrivateKeyJwtProvider> {
  const library = await import("@modelcontextprotocol/client");
  const { authentication, clientId, issuer } = config;
  const scope = config.scope === undefined ? {} : { scope: config.scope };
  if (authentication.kind === "secret") {
    return new library.ClientCredentialsProvider({
      clientId,
      clientSecret: authentication.secret.reveal(),
      expectedIssuer: issuer,
      ...scope,
    });
  }
  if (authentication.kind === "none") throw new Problem("invalid", "client credentials need a secret or a private key");
  const { algorithm, key } = authentication;
  return new library.PrivateKeyJwtProvider({
    clientId,
    algorithm,
    privateKey: privateJwk(key),
    expectedIssuer: issuer,
    ...scope,
  });
}
