import type { IncomingMessage } from "node:http";
import { Problem } from "../../floor/problem.ts";
import {
  type Admitted,
  admitAgain,
  authenticate,
  type Caller,
  issuerOf,
  type PersonCaller,
  type Readmitted,
} from "../../identity/index.ts";
import type { HttpSetting } from "./setting.ts";

/** Who sends this request, for the HTTP and the MCP door alike. `csrf` is a form's field. */
export async function identify(
  setting: Pick<HttpSetting, "control" | "identity" | "publicUrl" | "sourceOf">,
  request: IncomingMessage,
  csrf?: string,
): Promise<Caller | PersonCaller> {
  const { control, identity } = setting;
  const publicUrl = setting.publicUrl();
  const issuer = issuerOf(publicUrl);
  const path = pathOf(request);
  const agent = request.headers["user-agent"];
  await control.keeper.awake();
  return authenticate(request.headers, {
    db: control.parts.db,
    clock: control.parts.clock,
    publicUrl,
    directory: control.keeper.loaded().directory,
    credentials: control.keeper.credentials(),
    tokenKeys: identity.tokenKeys(),
    tokens: identity.tokens,
    seenProofs: identity.seenProofs,
    attempts: identity.attempts,
    uses: identity.uses,
    request: {
      method: request.method ?? "GET",
      url: `${issuer}${path}`,
      source: setting.sourceOf(request),
      client: agent ?? "",
      ...(csrf === undefined ? {} : { csrf }),
    },
    audiences: audiencesOf(issuer, path),
  });
}

/** Who of these would be let in now, for those that are answered for long. */
export function identifyAgain(
  { control, identity, publicUrl }: Pick<HttpSetting, "control" | "identity" | "publicUrl">,
  all: readonly Admitted[],
): Promise<readonly (Readmitted | undefined)[]> {
  return admitAgain(all, {
    db: control.parts.db,
    clock: control.parts.clock,
    publicUrl: publicUrl(),
    directory: control.keeper.loaded().directory,
    credentials: control.keeper.credentials(),
    tokenKeys: identity.tokenKeys(),
    tokens: identity.tokens,
  });
}

export function pathOf(request: IncomingMessage): string {
  return (request.url ?? "/").split("?")[0] ?? "/";
}

/** The resources that a token may be for to be used at this path: the address itself, and the one that includes it. */
function audiencesOf(issuer: string, path: string): readonly string[] {
  if (path === "/mcp" || path.startsWith("/mcp/")) return [`${issuer}${path.replace(/\/$/, "")}`, `${issuer}/mcp`];
  return [`${issuer}/v1`];
}

/** Whether a token may be asked for this resource. */
export function isResource(publicUrl: string, servers: readonly string[], resource: string): boolean {
  const issuer = issuerOf(publicUrl);
  if (resource === `${issuer}/mcp` || resource === `${issuer}/v1`) return true;
  return servers.some((server) => resource === `${issuer}/mcp/${server}`);
}

/** The same failure, with a receipt: a call without an identity is refused on the record. */
export async function onTheRecord(
  setting: Pick<HttpSetting, "refusals" | "sourceOf">,
  request: IncomingMessage,
  door: "mcp" | "http",
  thrown: unknown,
): Promise<unknown> {
  if (!(thrown instanceof Problem) || thrown.code !== "not_authenticated") return thrown;
  const { authorization, cookie } = request.headers;
  return setting.refusals.record(
    {
      door,
      method: request.method ?? "GET",
      path: pathOf(request),
      source: setting.sourceOf(request),
      presented: authorization !== undefined || cookie !== undefined,
    },
    thrown,
  );
}
