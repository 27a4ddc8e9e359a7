import { carefulFetch } from "../execution/mcp/careful-fetch.ts";
import { sha256 } from "../floor/digest.ts";
import { freshBytes, newId } from "../floor/id.ts";
import { Problem } from "../floor/problem.ts";
import { Secret } from "../floor/secret.ts";
import { beginAtProvider, bindingOf, insertLogin, type Provider } from "../identity/index.ts";
import type { ProviderSettings } from "../workspace/index.ts";
import type { ConnectionSources } from "./connection-sources.ts";
import type { Control } from "./control.ts";

/** Where browsers come back to: it has to be registered at the provider. */
export const loginCallbackPath = "/login/callback";

const loginMs = 600_000;
const mostOpen = 10_000;

/** The identity provider of the workspace in force; undefined where people log in by links only. */
export function providerInForce(control: Control): ProviderSettings | undefined {
  return control.keeper.loaded().workspace?.organisation.login.provider;
}

export interface BegunLogin {
  readonly id: string;
  /** The page of the provider. */
  readonly url: string;
  readonly host: string;
  /** Goes into a cookie of the browser that began: whoever comes back has to have it. */
  readonly cookie: Secret;
}

/** Begins a login at the identity provider. */
export async function beginLogin(
  control: Control,
  sources: ConnectionSources,
  { publicUrl, next }: { readonly publicUrl: string; readonly next: string },
): Promise<BegunLogin> {
  const settings = providerInForce(control);
  if (settings === undefined) throw new Problem("not_found", "people do not log in at an identity provider here");
  const { db, clock } = control.parts;
  const id = newId("lgn", clock.now());
  const state = `${id}.${freshBytes(32).toString("base64url")}`;
  const cookie = freshBytes(32).toString("base64url");
  const url = await withProvider(sources, settings, publicUrl, (provider) =>
    beginAtProvider(provider, bindingOf(cookie, state)),
  );
  const expiresAtMs = clock.now() + loginMs;
  const begun = {
    id,
    stateHash: sha256(state),
    browserHash: sha256(cookie),
    issuer: settings.issuer,
    next,
    expiresAtMs,
  };
  if (!(await insertLogin(db, begun, mostOpen, clock.now())))
    throw new Problem("too_many", "too many logins are under way", { help: "each is over after ten minutes" });
  return { id, url: url.href, host: url.host, cookie: new Secret(cookie) };
}

/** Asks the provider as the client that this server is there; its secret is leased for as long as `work` takes. */
export async function withProvider<T>(
  { store }: ConnectionSources,
  { issuer, clientId, credential, scopes, claims, groups, newcomers }: ProviderSettings,
  publicUrl: string,
  work: (provider: Provider) => Promise<T>,
): Promise<T> {
  const lease = credential === undefined ? undefined : await store.lease(credential, { server: "login" });
  try {
    return await work({
      issuer,
      clientId,
      secret: lease?.value,
      scopes,
      redirectUri: `${publicUrl}${loginCallbackPath}`,
      wanted: [claims.email, claims.verified, ...(groups.length + newcomers.length === 0 ? [] : [claims.groups])],
      fetch: carefulFetch,
    });
  } finally {
    await lease?.release();
  }
}
