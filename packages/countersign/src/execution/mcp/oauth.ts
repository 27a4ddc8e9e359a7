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

/** Lends the client with its credential for as long as `work` takes. `version` is another where the credential is. */
export type LendClient = <T>(work: (config: OAuthConfig, version: number) => Promise<T>) => Promise<T>;

/** Tokens that end sooner than this are renewed before they are used. */
export const earlyMs = 60_000;

/**
 * An OAuth client that stands for itself (client credentials). A token is fetched once however many calls wait for it.
 * INVARIANT: no token is used of which the credential is not there any more, or is another.
 */
export function createOAuth(lend: LendClient, store: TokenStore, clock: Clock): OAuth {
  let stale = false;
  let heldWith: number | undefined;
  let fetching: { readonly version: number; readonly work: Promise<Tokens> } | undefined;

  const fetch = async (config: OAuthConfig, version: number): Promise<Tokens> => {
    const tokens = await fetchTokens(config, clock);
    await store.save(tokens);
    [heldWith, stale] = [version, false];
    return tokens;
  };
  const current = (): Promise<Tokens> =>
    lend(async (config, version) => {
      const held = heldWith === version ? await store.load() : undefined;
      const fresh =
        held !== undefined && !stale && (held.expiresAtMs ?? Number.POSITIVE_INFINITY) - earlyMs > clock.now();
      if (fresh) return held;
      if (fetching?.version !== version) {
        const work = fetch(config, version).finally(() => {
          if (fetching?.work === work) fetching = undefined;
        });
        fetching = { version, work };
      }
      return fetching.work;
    });

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
