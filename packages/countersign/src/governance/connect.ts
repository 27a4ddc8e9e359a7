import { type Consent, consentMs, type Holder } from "../connections/index.ts";
import { countOpenConsents, insertConsent } from "../connections/sql.ts";
import { beginAuthorization } from "../execution/mcp/index.ts";
import { sha256 } from "../floor/digest.ts";
import { freshBytes, newId } from "../floor/id.ts";
import { Problem } from "../floor/problem.ts";
import { type PersonCaller, requireMay } from "../identity/index.ts";
import type { ConnectionSources } from "./connection-sources.ts";
import { contextOf } from "./context.ts";
import type { Control } from "./control.ts";
import { govern } from "./govern.ts";
import { callbackPath, type OAuthUpstream, oauthUpstream, withOAuthClient } from "./oauth-client.ts";
import { sealConsent } from "./sealed-consent.ts";

export interface ConnectRequest {
  readonly server: string;
  /** Where connections are a workflow's: which. */
  readonly workflow?: string;
  /** Where browsers reach this server, without a slash at its end. */
  readonly publicUrl: string;
}

export interface Begun {
  readonly id: string;
  readonly server: string;
  readonly workflow: string | null;
  readonly person: string;
  /** The page that the person opens in a browser. */
  readonly url: string;
  /** Where the browser comes back to: it has to be registered at the authorization server. */
  readonly redirectUri: string;
  readonly expiresAt: string;
  readonly entry: string;
}

const mostOpen = 20;

/** A person begins to connect an upstream: nothing is connected before their browser has come back with its server's yes. */
export async function connect(
  control: Control,
  sources: ConnectionSources,
  person: PersonCaller,
  request: ConnectRequest,
): Promise<Begun> {
  const { parts } = control;
  const upstream = connectable(control, request.server);
  const holder = holderFor(control, upstream, person, request.workflow);
  requireMayConnect(control, person, holder);
  if ((await countOpenConsents(parts.db, person.email)) >= mostOpen) {
    throw new Problem("too_many", `you have begun to connect ${mostOpen} times and not ended it`, {
      help: "each is over after ten minutes",
    });
  }
  const id = newId("cns", parts.clock.now());
  const state = freshBytes(32).toString("base64url");
  const redirectUri = `${request.publicUrl}${callbackPath(upstream.server)}`;
  const { url, verifier } = await withOAuthClient(sources.store, upstream, redirectUri, (config) =>
    beginAuthorization(config, state),
  );
  const { rule, server, transport } = upstream;
  const workflow = "workflow" in holder ? holder.workflow : null;
  const consent = {
    id,
    server,
    workflow,
    issuer: rule.issuer,
    clientId: rule.clientId,
    resource: transport.url,
    scope: rule.scopes.join(" "),
    redirectUri,
    person: person.email,
    credential: person.credential,
    stateHash: sha256(state),
    sealed: sealConsent(control, id, { verifier: verifier.reveal(), url }),
    openMs: consentMs,
  };
  let expiresAt = "";
  const entry = await govern(control, {
    kind: "secret",
    person: person.email,
    ...(workflow === null ? {} : { workflow }),
    payload: { deed: "began to connect", consent: id, ...aboutOf(consent) },
    raises: false,
    change: async (tx) => {
      expiresAt = await insertConsent(tx, consent);
    },
  });
  return {
    id,
    server,
    workflow,
    person: person.email,
    url: `${request.publicUrl}/connect/${id}`,
    redirectUri,
    expiresAt,
    entry,
  };
}

/** The upstream where people consent; fails where there is nothing to connect. */
export function connectable(control: Control, server: string): OAuthUpstream {
  const file = control.keeper.loaded().catalog.file(server);
  if (file === undefined) throw new Problem("not_found", `there is no server \`${server.slice(0, 100)}\` here`);
  const upstream = oauthUpstream(file);
  if (upstream?.rule.grant === "authorization_code") return upstream;
  throw new Problem("invalid", `server \`${server}\` is not one that people connect`, {
    help: `its tools file has no \`auth\` of kind \`oauth\` with \`grant: authorization_code\``,
  });
}

export function requireMayConnect(control: Control, person: PersonCaller, holder: Holder): void {
  requireMay(person, "connect", contextOf(control, "workflow" in holder ? holder : { about: holder.person }));
}

/** What the ledger says a connection is about. */
export function aboutOf(consent: Pick<Consent, "server" | "workflow" | "person" | "issuer" | "resource" | "scope">) {
  const { server, workflow, person, issuer, resource, scope } = consent;
  return { server, ...(workflow === null ? { for: person } : { workflow }), issuer, resource, scope };
}

function holderFor(
  control: Control,
  { server, rule }: OAuthUpstream,
  person: PersonCaller,
  workflow: string | undefined,
): Holder {
  if (rule.for === "person") {
    if (workflow === undefined) return { person: person.email };
    throw new Problem("invalid", `connections of \`${server}\` are people's own, not a workflow's`, {
      at: "/workflow",
    });
  }
  const workflows = control.keeper.loaded().workspace?.workflows ?? [];
  const using = workflows.filter((one) => usesServer(one, server)).map((one) => one.name);
  const [only] = using;
  if (workflow === undefined && only !== undefined && using.length === 1) return { workflow: only };
  if (workflow === undefined) {
    throw new Problem("invalid", `say for which workflow \`${server}\` is connected`, {
      at: "/workflow",
      help: using.length === 0 ? "no workflow names its tools yet" : `one of ${using.join(", ")}`,
    });
  }
  if (workflows.some((one) => one.name === workflow)) return { workflow };
  throw new Problem("not_found", `there is no workflow \`${workflow.slice(0, 100)}\` here`);
}

function usesServer(
  workflow: { readonly allow: readonly string[]; readonly ask: readonly { readonly tool: string }[] },
  server: string,
): boolean {
  const tools = [...workflow.allow, ...workflow.ask.map((asked) => asked.tool)];
  return tools.some((tool) => tool.startsWith(`${server}.`));
}
