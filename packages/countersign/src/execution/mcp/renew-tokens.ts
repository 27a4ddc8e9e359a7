import type { Clock } from "../../floor/clock.ts";
import type { Secret } from "../../floor/secret.ts";
import { authenticationOf, clientOf, guarded, metadataOf } from "./authorization-server.ts";
import { carefulFetch } from "./careful-fetch.ts";
import { type OAuthConfig, type Tokens, toTokens } from "./oauth-config.ts";

/** Uses a refresh token. A server that rotates takes it once: what comes back must be kept before anything else is done. */
export async function renewTokens(config: OAuthConfig, refresh: Secret, clock: Clock): Promise<Tokens> {
  const { refreshAuthorization } = await import("@modelcontextprotocol/client");
  const metadata = await metadataOf(config);
  const asked = {
    metadata,
    resource: new URL(config.resource),
    fetchFn: carefulFetch,
    clientInformation: clientOf(config),
    refreshToken: refresh.reveal(),
    ...(await authenticationOf(config)),
  };
  return toTokens(await guarded(config, () => refreshAuthorization(config.issuer, asked)), refresh, clock);
}
