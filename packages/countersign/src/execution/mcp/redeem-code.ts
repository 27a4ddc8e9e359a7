import type { Clock } from "../../floor/clock.ts";
import type { Secret } from "../../floor/secret.ts";
import { authenticationOf, clientOf, codeGrant, guarded, metadataOf } from "./authorization-server.ts";
import { carefulFetch } from "./careful-fetch.ts";
import { type OAuthConfig, type Tokens, toTokens } from "./oauth-config.ts";

/** What a browser brought back. `iss` is who it says it comes from (RFC 9207): checked before the code is sent anywhere. */
export interface Redemption {
  readonly code: string;
  readonly verifier: Secret;
  readonly iss?: string;
}

export async function redeemCode(config: OAuthConfig, brought: Redemption, clock: Clock): Promise<Tokens> {
  const { redirectUri } = codeGrant(config);
  const { exchangeAuthorization } = await import("@modelcontextprotocol/client");
  const metadata = await metadataOf(config);
  const authentication = await authenticationOf(config);
  const tokens = await guarded(config, () =>
    exchangeAuthorization(config.issuer, {
      metadata,
      clientInformation: clientOf(config),
      authorizationCode: brought.code,
      codeVerifier: brought.verifier.reveal(),
      redirectUri,
      resource: new URL(config.resource),
      fetchFn: carefulFetch,
      ...(brought.iss === undefined ? {} : { iss: brought.iss }),
      ...authentication,
    }),
  );
  return toTokens(tokens, undefined, clock);
}
