import type { Json } from "@countersign/contract";
import type { ToolsFile } from "../catalog/index.ts";
import type { Holder } from "../connections/index.ts";
import { createOAuth, type Tokens, type UpstreamConfig } from "../execution/mcp/index.ts";
import type { Clock } from "../floor/clock.ts";
import { Secret } from "../floor/secret.ts";
import { resolveReferences } from "../secrets/index.ts";
import { type ConnectionSources, rememberTokens } from "./connection-sources.ts";
import { isGone, orMissing } from "./gone-secret.ts";
import { type HttpTransport, type OAuthUpstream, oauthUpstream, withOAuthClient } from "./oauth-client.ts";
import { headersOf } from "./secrets-of.ts";
import { useConnection } from "./use-connection.ts";

interface Sources {
  readonly clock: Clock;
  readonly connections: ConnectionSources;
}

/** The workflow under which the plane itself asks a server for its tools. */
export const ownWorkflow = "";

/** Secrets of an HTTP server are leased for each request and given back with it. */
export function httpUpstream(
  sources: Sources,
  file: ToolsFile,
  holder: Holder,
  transport: HttpTransport,
): UpstreamConfig {
  const { server } = file;
  const wanted = headersOf(transport);
  const headers = async (): Promise<Record<string, Secret>> => {
    const lease = (name: string) => sources.connections.store.lease(name, { server });
    const resolved = await resolveReferences<Json>(wanted, lease).catch((thrown: unknown) => {
      throw orMissing(thrown);
    });
    try {
      const plain = resolved.reveal() as Record<string, string>;
      return Object.fromEntries(Object.entries(plain).map(([name, value]) => [name, new Secret(value)]));
    } finally {
      await resolved.release();
    }
  };
  const credentials =
    transport.auth?.kind === "oauth" ? oauth(sources, file, holder, headers) : { headers, refused: () => undefined };
  return { server, transport: "http", url: transport.url, headers: {}, credentials };
}

type Credentials = NonNullable<Extract<UpstreamConfig, { transport: "http" }>["credentials"]>;

/** A file that cannot hold says so at each request, and nothing is sent. */
function oauth(
  sources: Sources,
  file: ToolsFile,
  holder: Holder,
  plain: () => Promise<Record<string, Secret>>,
): Credentials {
  let made: Credentials | undefined;
  const credentials = (): Credentials => {
    const upstream = oauthUpstream(file);
    if (upstream === undefined) throw new Error("an upstream without OAuth was asked for it");
    const isOwn = "workflow" in holder && holder.workflow === ownWorkflow;
    made ??=
      upstream.rule.grant === "client_credentials"
        ? clientCredentials(sources, upstream)
        : useConnection(sources.connections, upstream, isOwn ? undefined : holder);
    return made;
  };
  const owners = new WeakMap<object, object>();
  return {
    async headers() {
      const token = await credentials().headers();
      const { authorization: _, ...rest } = lowerCase(await plain());
      const headers = { ...rest, ...token };
      owners.set(headers, token);
      return headers;
    },
    refused: (headers) => credentials().refused((owners.get(headers) ?? headers) as typeof headers),
    whose: (headers) => made?.whose?.((owners.get(headers) ?? headers) as typeof headers),
  };
}

/**
 * The client's own tokens can be had again at any time, so nothing of them is kept. INVARIANT: its credential is leased at
 * each request, so that with it ends what was had by it, and a new version is in use at the next request.
 */
function clientCredentials({ clock, connections }: Sources, upstream: OAuthUpstream): Credentials {
  let held: Tokens | undefined;
  const tokens = {
    load: async () => held,
    async save(saved: Tokens | undefined) {
      if (saved !== undefined) rememberTokens(connections, saved);
      held = saved;
    },
  };
  const oauth = createOAuth((work) => withOAuthClient(connections.store, upstream, undefined, work), tokens, clock);
  return {
    async headers() {
      try {
        return await oauth.headers();
      } catch (thrown) {
        if (isGone(thrown)) held = undefined;
        throw orMissing(thrown);
      }
    },
    refused: () => oauth.refused(),
  };
}

function lowerCase<T>(members: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name.toLowerCase(), value]));
}
