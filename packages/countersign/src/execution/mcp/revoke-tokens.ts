import { authenticationOf, clientOf, guarded, metadataOf, NoToken, safeEndpoint } from "./authorization-server.ts";
import { carefulFetch } from "./careful-fetch.ts";
import type { OAuthConfig, Tokens } from "./oauth-config.ts";

/** Tells the authorization server that the tokens are not needed any more (RFC 7009), where it has an address for that. */
export async function revokeTokens(config: OAuthConfig, tokens: Tokens): Promise<"revoked" | "no endpoint"> {
  const metadata = await wholeMetadata(config);
  if (metadata.revocation_endpoint === undefined) return "no endpoint";
  const endpoint = safeEndpoint(config, metadata.revocation_endpoint);
  // The refresh token first: with it goes what it would make.
  const all = [
    ...(tokens.refresh === undefined ? [] : [["refresh_token", tokens.refresh] as const]),
    ["access_token", tokens.access] as const,
  ];
  for (const [hint, token] of all) {
    const form = new URLSearchParams({ token: token.reveal(), token_type_hint: hint });
    await guarded(config, () => tell(config, endpoint, metadata, form));
  }
  return "revoked";
}

type Whole = { readonly [member: string]: unknown };

/** With what the description of an OpenID provider says beyond what discovery reads of it. */
async function wholeMetadata(config: OAuthConfig): Promise<Whole> {
  const found: Whole = await metadataOf(config);
  if (found.revocation_endpoint !== undefined) return found;
  const address = `${config.issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const more = await carefulFetch(address).then(
    (response) => (response.ok ? (response.json() as Promise<Whole>) : undefined),
    () => undefined,
  );
  return more?.issuer === config.issuer ? { ...more, ...found } : found;
}

async function tell(config: OAuthConfig, endpoint: URL, metadata: Whole, form: URLSearchParams): Promise<void> {
  const headers = new Headers({ "content-type": "application/x-www-form-urlencoded", accept: "application/json" });
  const { addClientAuthentication } = await authenticationOf(config);
  const { client_id, client_secret } = clientOf(config);
  if (addClientAuthentication !== undefined) {
    // RFC 7523 has the assertion name who it is for: the issuer, as for the token endpoint.
    await addClientAuthentication(headers, form, config.issuer, undefined);
  } else if (client_secret === undefined) form.set("client_id", client_id);
  else if (takesBasic(metadata)) headers.set("authorization", basic(client_id, client_secret));
  else {
    form.set("client_id", client_id);
    form.set("client_secret", client_secret);
  }
  const response = await carefulFetch(endpoint, { method: "POST", headers, body: form });
  // A token that the server does not know any more is what was wanted; it answers 200 for that too.
  if (!response.ok) throw new NoToken(config.issuer, `HTTP_${response.status}`);
}

/** As RFC 8414 has it: where the endpoint's methods are not named, HTTP Basic is taken. */
function takesBasic(metadata: Whole): boolean {
  const named = metadata.revocation_endpoint_auth_methods_supported ?? metadata.token_endpoint_auth_methods_supported;
  return !Array.isArray(named) || named.includes("client_secret_basic");
}

function basic(id: string, secret: string): string {
  const part = (text: string): string => encodeURIComponent(text).replaceAll("%20", "+");
  return `Basic ${Buffer.from(`${part(id)}:${part(secret)}`).toString("base64")}`;
}
