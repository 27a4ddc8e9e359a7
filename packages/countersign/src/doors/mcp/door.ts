import type { IncomingMessage, ServerResponse } from "node:http";
import { readRpc, rpcCodes } from "../../execution/mcp/index.ts";
import { Problem } from "../../floor/problem.ts";
import { type Caller, tokenIn } from "../../identity/index.ts";
import { createAdmissions, type Stay } from "./admissions.ts";
import { readBody } from "./body.ts";
import { guardNames, guardTypes } from "./guard.ts";
import { claimsModern } from "./modern.ts";
import { rpcResponse, writeJson } from "./outlet.ts";
import { asRejection, noLonger, Rejection, refused, Unauthenticated } from "./rejection.ts";
import { createSessionDesk } from "./session-desk.ts";
import type { McpSetting, Scope } from "./setting.ts";
import type { Visit } from "./visit.ts";
import { onBatch, onDelete, onGet, onLegacy } from "./visit-legacy.ts";
import { onModern } from "./visit-modern.ts";

export interface McpDoor {
  (request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Ends what the sessions of this replica hold open. */
  close(): Promise<void>;
}

/** `/mcp` and `/mcp/<server>`: every request is one of the protocol's, and nothing here decides what may happen. */
export function createMcpDoor(setting: McpSetting): McpDoor {
  const desk = createSessionDesk(setting);
  const admissions = createAdmissions(setting);
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      guardNames(request, setting.config);
      const caller = await identify(setting, request);
      const scope = scopeOf(setting, caller, request.url ?? "");
      const end = (): void => shutOut(setting, request, response);
      const stay: Stay = { who: caller, token: tokenIn(request.headers), response, isBegun: true, end };
      admissions.keep(stay);
      const visit: Visit = { setting, desk, request, response, caller, scope, stay };
      if (request.method === "POST") await onPost(visit);
      else if (request.method === "GET") await onGet(visit);
      else if (request.method === "DELETE") await onDelete(visit);
      else throw new Rejection(405, rpcCodes.invalidRequest, "this address takes POST");
    } catch (thrown) {
      refuse(setting, request, response, thrown);
    }
  };
  const close = (): Promise<void> => {
    admissions.close();
    return desk.close();
  };
  return Object.assign(handle, { close });
}

/** A stream just ends: what follows on it may be fetched by who is let in. */
function shutOut(setting: McpSetting, request: IncomingMessage, response: ServerResponse): void {
  if (response.headersSent) response.end();
  else refuse(setting, request, response, new Unauthenticated(noLonger()));
}

async function identify(setting: McpSetting, request: IncomingMessage): Promise<Caller> {
  try {
    return await setting.identify(request);
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.code === "not_authenticated") throw new Unauthenticated(thrown);
    throw thrown;
  }
}

function scopeOf(setting: McpSetting, caller: Caller, url: string): Scope {
  const path = url.split("?")[0]?.replace(/\/$/, "") ?? "";
  if (path === "/mcp") return { servers: setting.catalogNames(caller), single: undefined, transparent: false };
  const name = /^\/mcp\/([A-Za-z0-9._-]{1,64})$/.exec(path)?.[1];
  if (name === undefined || !setting.hasServer(caller, name))
    throw new Rejection(404, rpcCodes.invalidParams, "there is no such server here");
  return { servers: [name], single: name, transparent: setting.config.isTransparent(name) };
}

async function onPost(visit: Visit): Promise<void> {
  const accepted = guardTypes(visit.request);
  const body = await readBody(visit.request, visit.setting.config.maxBodyBytes);
  if (Array.isArray(body)) return onBatch(visit, body);
  const message = readRpc(body);
  if (typeof message === "string") throw new Rejection(400, rpcCodes.invalidRequest, message);
  if (claimsModern(visit.request, message)) return onModern(visit, message, accepted);
  return onLegacy(visit, message, accepted);
}

function refuse(setting: McpSetting, request: IncomingMessage, response: ServerResponse, thrown: unknown): void {
  if (thrown instanceof Unauthenticated) {
    const failed = request.headers.authorization === undefined ? "" : `error="invalid_token", `;
    const challenge = `Bearer ${failed}resource_metadata="${setting.config.resourceMetadataUrl}"`;
    writeJson(response, 401, rpcResponse(null, { error: { code: -32000, message: thrown.problem.detail } }), {
      "www-authenticate": challenge,
    });
    return;
  }
  const rejection = asRejection(thrown);
  if (!(thrown instanceof Rejection) && !(thrown instanceof Problem))
    setting.log.error({ err: thrown }, "a request failed");
  else setting.log.info({ method: request.method, ...refused(rejection) }, "a request was refused");
  const status = rejection.status === 200 ? (thrown instanceof Problem ? 503 : 400) : rejection.status;
  const headers: Record<string, string> =
    status === 405 ? { allow: "POST" } : status === 413 ? { connection: "close" } : {};
  writeJson(response, status, rpcResponse(null, { error: rejection.error }), headers);
}
