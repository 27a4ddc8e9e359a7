import { Problem } from "../../floor/problem.ts";
import { Secret } from "../../floor/secret.ts";
import { clientOf, codeGrant, guarded, metadataOf, safeEndpoint } from "./authorization-server.ts";
import type { OAuthConfig } from "./oauth-config.ts";

/** A started authorization: the address for the person's browser, and what must be kept until they come back. */
export interface Authorization {
  readonly url: string;
  readonly verifier: Secret;
}

/** Asks nobody but the server's metadata. A server that does not say that it takes PKCE is not used. */
export async function beginAuthorization(config: OAuthConfig, state: string): Promise<Authorization> {
  const { redirectUri } = codeGrant(config);
  const metadata = await metadataOf(config);
  if (metadata.code_challenge_methods_supported?.includes("S256") !== true) {
    throw new Problem("unavailable", `the authorization server at \`${new URL(config.issuer).host}\` takes no PKCE`, {
      help: "without it a stolen code could be used; it is not connected",
    });
  }
  safeEndpoint(config, metadata.authorization_endpoint);
  const { startAuthorization } = await import("@modelcontextprotocol/client");
  const { authorizationUrl, codeVerifier } = await guarded(config, () =>
    startAuthorization(config.issuer, {
      metadata,
      clientInformation: { client_id: clientOf(config).client_id },
      redirectUrl: redirectUri,
      state,
      resource: new URL(config.resource),
      ...(config.scope === undefined ? {} : { scope: config.scope }),
    }),
  );
  return { url: authorizationUrl.href, verifier: new Secret(codeVerifier) };
}
