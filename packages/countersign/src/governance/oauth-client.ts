import type { ToolsFile } from "../catalog/index.ts";
import { algorithmOf, type OAuthConfig } from "../execution/mcp/index.ts";
import { Problem } from "../floor/problem.ts";
import type { Secret } from "../floor/secret.ts";
import type { SealedStore } from "../secrets/index.ts";

export type HttpTransport = Extract<ToolsFile["transport"], { kind: "http" }>;
export type OAuthRule = Extract<NonNullable<HttpTransport["auth"]>, { kind: "oauth" }>;

/** An upstream that is reached with OAuth, as the tools file in force has it. */
export interface OAuthUpstream {
  readonly server: string;
  readonly transport: HttpTransport;
  readonly rule: OAuthRule & { readonly issuer: string; readonly clientId: string };
}

/** Undefined where the server is not reached with OAuth. */
export function oauthUpstream(file: ToolsFile | undefined): OAuthUpstream | undefined {
  if (file?.transport.kind !== "http" || file.transport.auth?.kind !== "oauth") return undefined;
  const { server, transport } = file;
  const { issuer, clientId } = file.transport.auth;
  if (issuer === undefined || clientId === undefined) {
    throw new Problem("invalid", `server \`${server}\` needs \`issuer\` and \`clientId\` for OAuth`, {
      help: `name both under \`auth\` in tools/${server}.yaml`,
    });
  }
  return { server, transport, rule: { ...file.transport.auth, issuer, clientId } };
}

/** Where the browser comes back to. Each server has an address of its own, so that no answer can be passed off as another's. */
export function callbackPath(server: string): string {
  return `/v1/upstreams/${server}/callback`;
}

/** The client of one upstream with its credential, which is leased for as long as `work` takes, and which version it is. */
export async function withOAuthClient<T>(
  store: Pick<SealedStore, "lease">,
  { server, transport, rule }: OAuthUpstream,
  redirectUri: string | undefined,
  work: (config: OAuthConfig, version: number) => Promise<T>,
): Promise<T> {
  const reference = rule.privateKey ?? rule.clientSecret;
  const lease =
    reference === undefined ? undefined : await store.lease(reference.slice("secret://".length), { server });
  try {
    const config: OAuthConfig = {
      resource: transport.url,
      issuer: rule.issuer,
      clientId: rule.clientId,
      authentication: authenticationOf(rule, lease?.value),
      ...(rule.scopes.length === 0 ? {} : { scope: rule.scopes.join(" ") }),
      grant: redirectUri === undefined ? { kind: "client_credentials" } : { kind: "authorization_code", redirectUri },
    };
    return await work(config, lease?.version ?? 0);
  } finally {
    await lease?.release();
  }
}

function authenticationOf(rule: OAuthRule, value: Secret | undefined): OAuthConfig["authentication"] {
  if (value === undefined) return { kind: "none" };
  if (rule.privateKey === undefined) return { kind: "secret", secret: value };
  return { kind: "private_key", key: value, algorithm: algorithmOf(value) };
}
