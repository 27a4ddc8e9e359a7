import type { PublicJwk } from "./credential.ts";

/** The issuer's name: the public address without a slash at its end. */
export function issuerOf(publicUrl: string): string {
  return publicUrl.replace(/\/+$/, "");
}

export function tokenEndpointOf(publicUrl: string): string {
  return `${issuerOf(publicUrl)}/oauth/token`;
}

/** RFC 7523: what a trusted issuer signed is the grant. */
export const jwtBearerGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer";

const signing = ["EdDSA", "Ed25519", "ES256", "RS256"];

/** Authorization server metadata (RFC 8414), served at `/.well-known/oauth-authorization-server`. */
export function authorizationServerMetadata(publicUrl: string) {
  const issuer = issuerOf(publicUrl);
  return {
    issuer,
    // Nobody logs in there; the official client of MCP reads no metadata without it.
    authorization_endpoint: `${issuer}/oauth/authorize`,
    token_endpoint: tokenEndpointOf(publicUrl),
    jwks_uri: `${issuer}/oauth/jwks`,
    response_types_supported: [],
    grant_types_supported: ["client_credentials", jwtBearerGrant],
    // With a token of a trusted issuer no other proof is asked for.
    token_endpoint_auth_methods_supported: ["private_key_jwt", "none"],
    token_endpoint_auth_signing_alg_values_supported: signing,
    dpop_signing_alg_values_supported: signing,
    protected_resources: [`${issuer}/mcp`],
  };
}

/** Protected resource metadata (RFC 9728) of one address of this server, such as `https://host/mcp`. */
export function protectedResourceMetadata(publicUrl: string, resource: string) {
  return {
    resource,
    authorization_servers: [issuerOf(publicUrl)],
    bearer_methods_supported: ["header"],
    dpop_signing_alg_values_supported: signing,
    resource_name: "Countersign",
  };
}

/** Where the metadata of a resource is served: the well-known name goes between its host and its path. */
export function resourceMetadataAddress(resource: string): string {
  const url = new URL(resource);
  const path = url.pathname === "/" ? "" : url.pathname;
  return `${url.origin}/.well-known/oauth-protected-resource${path}`;
}

/** Value of `WWW-Authenticate` with a 401. `presented` tells a caller without credentials from one whose were refused. */
export function challenge(resource: string, presented: boolean): string {
  const where = `resource_metadata="${resourceMetadataAddress(resource)}"`;
  const error = presented ? `, error="invalid_token"` : "";
  return `Bearer ${where}${error}, DPoP algs="${signing.join(" ")}"${error}`;
}

/** The keys that tokens verify with (RFC 7517), served at `/oauth/jwks`. */
export function jwksDocument(keys: { readonly published: readonly PublicJwk[] }) {
  return { keys: keys.published.map((key) => ({ ...key, use: "sig" })) };
}
