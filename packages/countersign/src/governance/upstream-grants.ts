import type { ToolsFile } from "../catalog/index.ts";
import { createOAuth, type OAuth, type TokenStore, type Tokens } from "../execution/mcp/index.ts";
import type { Clock } from "../floor/clock.ts";
import { Problem } from "../floor/problem.ts";
import { Secret } from "../floor/secret.ts";
import type { SecretStore } from "../secrets/index.ts";

type Http = Extract<ToolsFile["transport"], { kind: "http" }>;
export type OAuthRule = Extract<NonNullable<Http["auth"]>, { kind: "oauth" }>;

/** Where the browser comes back after a person has granted an upstream's access. */
export const callbackPath = "/v1/upstreams/callback";

/** The OAuth client of one upstream for one workflow. Its client secret is leased when it is made. */
export async function openGrant(
  sources: { readonly store: SecretStore; readonly clock: Clock; readonly publicUrl: string },
  server: string,
  workflow: string,
  transport: Http,
  rule: OAuthRule,
): Promise<OAuth> {
  const { issuer, clientId } = rule;
  if (issuer === undefined || clientId === undefined) {
    throw new Problem("invalid", `server \`${server}\` needs \`issuer\` and \`clientId\` for OAuth`, {
      help: `name both under \`auth\` in tools/${server}.yaml`,
    });
  }
  const leased = async (reference: string): Promise<Secret> => {
    const lease = await sources.store.lease(reference.slice("secret://".length), { server });
    return lease.value;
  };
  const authentication =
    rule.privateKey !== undefined
      ? { kind: "private_key" as const, key: await leased(rule.privateKey), algorithm: "EdDSA" }
      : rule.clientSecret !== undefined
        ? { kind: "secret" as const, secret: await leased(rule.clientSecret) }
        : { kind: "none" as const };
  return createOAuth(
    {
      resource: transport.url,
      issuer,
      clientId,
      authentication,
      ...(rule.scopes.length === 0 ? {} : { scope: rule.scopes.join(" ") }),
      grant:
        rule.grant === "client_credentials"
          ? { kind: "client_credentials" }
          : { kind: "authorization_code", redirectUri: `${sources.publicUrl}${callbackPath}` },
    },
    rule.grant === "client_credentials" ? inMemory() : sealed(sources.store, server, workflow),
    sources.clock,
  );
}

/** Tokens of a client's own can be had again at any time, so nothing of them is kept. */
function inMemory(): TokenStore {
  let held: Tokens | undefined;
  return {
    load: async () => held,
    save: async (tokens) => {
      held = tokens;
    },
  };
}

/** A person's grant is kept sealed, under a name that no tools file can refer to. */
function sealed(store: SecretStore, server: string, workflow: string): TokenStore {
  const names = workflow === "" ? [`grant.${server}`] : [`grant.${server}.${workflow}`, `grant.${server}`];
  return {
    async load() {
      const [name] = names;
      const lease = await store.lease(name ?? "", { server }).catch((thrown: unknown) => {
        if (thrown instanceof Problem && thrown.code === "not_found") return undefined;
        throw thrown;
      });
      return lease === undefined ? undefined : parse(lease.value);
    },
    async save(tokens) {
      for (const name of names) await store.put(name, new Secret(write(tokens)), "countersign");
    },
  };
}

function write(tokens: Tokens | undefined): string {
  return JSON.stringify({
    access: tokens?.access.reveal() ?? "",
    refresh: tokens?.refresh?.reveal() ?? "",
    expiresAtMs: tokens?.expiresAtMs ?? 0,
  });
}

function parse(value: Secret): Tokens | undefined {
  const { access, refresh, expiresAtMs } = JSON.parse(value.reveal()) as {
    access: string;
    refresh: string;
    expiresAtMs: number;
  };
  if (access === "") return undefined;
  return {
    access: new Secret(access),
    ...(refresh === "" ? {} : { refresh: new Secret(refresh) }),
    ...(expiresAtMs === 0 ? {} : { expiresAtMs }),
  };
}
