import type { IncomingMessage, ServerResponse } from "node:http";
import type { Json } from "@countersign/contract";
import {
  isLegacyVersion,
  legacyVersions,
  metaKeys,
  objectAt,
  type RpcMessage,
  readRpc,
  rpcCodes,
} from "../../execution/mcp/index.ts";
import { Problem } from "../../floor/problem.ts";
import type { Caller } from "../../identity/caller.ts";
import { readBody } from "./body.ts";
import { type Accepts, accepts, guardNames, guardTypes } from "./guard.ts";
import { answerLegacy, greet, hearClient } from "./legacy.ts";
import { createStream, type LiveSession, legacyOutlet, primeStream, resumeStream } from "./live-session.ts";
import { answerModern, claimsModern, guardModern } from "./modern.ts";
import { modernOutlet, type Outcome, type Outlet, rpcResponse, writeJson } from "./outlet.ts";
import { asRejection, Rejection, Unauthenticated } from "./rejection.ts";
import type { RpcCall } from "./rpc-call.ts";
import { createSessionDesk, type SessionDesk } from "./session-desk.ts";
import type { McpSetting, Scope } from "./setting.ts";

export interface McpDoor {
  (request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Ends what the sessions of this replica hold open. */
  close(): Promise<void>;
}

/** One arrival: who came to which address, not yet what they want. */
interface Visit {
  readonly setting: McpSetting;
  readonly desk: SessionDesk;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly caller: Caller;
  readonly scope: Scope;
}

/** `/mcp` and `/mcp/<server>`: every request is one of the protocol's, and nothing here decides what may happen. */
export function createMcpDoor(setting: McpSetting): McpDoor {
  const desk = createSessionDesk(setting);
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      guardNames(request, setting.config);
      const caller = await identify(setting, request);
      const scope = scopeOf(setting, caller, request.url ?? "");
      const visit: Visit = { setting, desk, request, response, caller, scope };
      if (request.method === "POST") await onPost(visit);
      else if (request.method === "GET") await onGet(visit);
      else if (request.method === "DELETE") await onDelete(visit);
      else throw new Rejection(405, rpcCodes.invalidRequest, "this address takes POST");
    } catch (thrown) {
      refuse(setting, request, response, thrown);
    }
  };
  return Object.assign(handle, { close: () => desk.close() });
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
  const servers = setting.catalogNames(caller);
  if (path === "/mcp") return { servers, single: undefined, transparent: false };
  const name = /^\/mcp\/([A-Za-z0-9._-]{1,64})$/.exec(path)?.[1];
  if (name === undefined || !servers.includes(name))
    throw new Rejection(404, rpcCodes.invalidParams, "there is no such server here");
  return { servers: [name], single: name, transparent: setting.config.transparent };
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

async function onModern(visit: Visit, message: RpcMessage, accepted: Accepts): Promise<void> {
  const { request, response } = visit;
  if (message.kind === "notification") {
    response.writeHead(202).end();
    return;
  }
  if (message.kind !== "request")
    throw new Rejection(400, rpcCodes.invalidRequest, "a client of this revision sends no responses");
  const outlet = modernOutlet(response, accepted.stream);
  // Closing the stream is this revision's way to cancel.
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  await answer(visit, message, outlet, async () => {
    guardModern(request, message.method, message.params);
    const meta = objectAt(message.params, "_meta");
    const client = { capabilities: objectAt(meta, metaKeys.capabilities), client: objectAt(meta, metaKeys.client) };
    return answerModern(request, { ...base(visit, message, outlet), ...client, era: "modern", signal: gone.signal });
  });
}

async function onLegacy(visit: Visit, message: RpcMessage, accepted: Accepts): Promise<void> {
  const { request, response, desk } = visit;
  guardLegacyVersion(request);
  if (message.kind === "request" && message.method === "initialize") return onInitialize(visit, message);
  const live = await desk.find(request, visit.caller, visit.scope);
  if (message.kind !== "request") {
    await hearClient(
      { ...base(visit, undefined, undefined), ...ofSession(live), signal: AbortSignal.timeout(60_000) },
      live,
      message,
    );
    response.writeHead(202).end();
    return;
  }
  await runLegacy(visit, live, message, legacyOutlet(live, response, accepted.stream));
}

async function runLegacy(
  visit: Visit,
  live: LiveSession,
  message: RpcMessage & { kind: "request" },
  outlet: Outlet,
): Promise<void> {
  if (live.running.has(message.id))
    return outlet.finish(message.id, {
      error: { code: rpcCodes.invalidRequest, message: "a request with this id is still running" },
    });
  const cancelled = new AbortController();
  live.running.set(message.id, cancelled);
  try {
    await answer(visit, message, outlet, () =>
      answerLegacy({ ...base(visit, message, outlet), ...ofSession(live), signal: cancelled.signal }, live, visit.desk),
    );
  } finally {
    live.running.delete(message.id);
  }
}

function ofSession(live: LiveSession): Pick<RpcCall, "era" | "capabilities" | "client" | "session"> {
  return { era: "legacy", capabilities: live.row.capabilities, client: live.row.client, session: live.row.id };
}

async function onInitialize(visit: Visit, message: RpcMessage & { kind: "request" }): Promise<void> {
  const { request, response, desk, caller, scope } = visit;
  if (request.headers["mcp-session-id"] !== undefined)
    throw new Rejection(400, rpcCodes.invalidRequest, "the session is open already");
  const live = await desk.open(caller, scope, message.params);
  const outlet: Outlet = {
    ...modernOutlet(response, false),
    finish: (id, outcome) => writeJson(response, 200, rpcResponse(id, outcome), { "mcp-session-id": live.row.id }),
  };
  await answer(visit, message, outlet, () =>
    greet({ ...base(visit, message, outlet), ...ofSession(live), signal: AbortSignal.timeout(60_000) }, live, desk),
  );
}

/** Only revision 2025-03-26 has batches. */
async function onBatch(visit: Visit, batch: readonly Json[]): Promise<void> {
  guardLegacyVersion(visit.request);
  const live =
    visit.request.headers["mcp-session-id"] === undefined
      ? undefined
      : await visit.desk.find(visit.request, visit.caller, visit.scope);
  if (live?.row.version !== "2025-03-26" || batch.length === 0 || batch.length > 50) {
    throw new Rejection(400, rpcCodes.invalidRequest, "this revision takes one message at a time");
  }
  const answers: Json[] = [];
  for (const value of batch) {
    const message = readRpc(value);
    if (typeof message === "string")
      answers.push(rpcResponse(null, { error: { code: rpcCodes.invalidRequest, message } }));
    else if (message.kind !== "request")
      await hearClient(
        { ...base(visit, undefined, undefined), ...ofSession(live), signal: AbortSignal.timeout(60_000) },
        live,
        message,
      );
    else {
      const outlet: Outlet = {
        ...modernOutlet(visit.response, false),
        finish: (id, outcome) => void answers.push(rpcResponse(id, outcome)),
      };
      await runLegacy(visit, live, message, outlet);
    }
  }
  if (answers.length === 0) visit.response.writeHead(202).end();
  else writeJson(visit.response, 200, answers);
}

async function answer(
  visit: Visit,
  message: RpcMessage & { kind: "request" },
  outlet: Outlet,
  work: () => Promise<Outcome>,
): Promise<void> {
  try {
    outlet.finish(message.id, await work());
  } catch (thrown) {
    const rejection = asRejection(thrown);
    if (!(thrown instanceof Rejection) && !(thrown instanceof Problem))
      visit.setting.log.error({ err: thrown, method: message.method }, "a request failed");
    outlet.finish(message.id, { error: rejection.error, status: rejection.status });
  }
}

function base<M extends (RpcMessage & { kind: "request" }) | undefined>(
  visit: Visit,
  message: M,
  outlet: M extends undefined ? undefined : Outlet,
) {
  const { setting, scope, caller, request } = visit;
  const key = request.headers["idempotency-key"];
  const keyed = typeof key === "string" && key.length > 0 && key.length <= 255 ? { idempotencyKey: key } : {};
  const asked = { id: message?.id ?? 0, method: message?.method ?? "", params: message?.params ?? {} };
  return { setting, scope, caller, ...asked, ...keyed, outlet };
}

function guardLegacyVersion(request: IncomingMessage): void {
  const version = request.headers["mcp-protocol-version"];
  if (version === undefined || isLegacyVersion(version)) return;
  throw new Rejection(400, -32000, `this revision is not spoken here; these are: ${legacyVersions.join(", ")}`);
}

async function onGet(visit: Visit): Promise<void> {
  const { request, response, desk } = visit;
  if (request.headers["mcp-session-id"] === undefined)
    throw new Rejection(405, rpcCodes.invalidRequest, "this address takes POST");
  if (!accepts(request).stream)
    throw new Rejection(406, rpcCodes.invalidRequest, "the client must accept `text/event-stream`");
  guardLegacyVersion(request);
  const live = await desk.find(request, visit.caller, visit.scope);
  const last = request.headers["last-event-id"];
  if (typeof last === "string" && resumeStream(live, last, response)) return;
  if (live.general?.response !== undefined)
    throw new Rejection(409, rpcCodes.invalidRequest, "the session's stream is open already");
  live.general = createStream(live, response);
  primeStream(live, live.general, response);
}

async function onDelete(visit: Visit): Promise<void> {
  const { request, response, desk } = visit;
  if (request.headers["mcp-session-id"] === undefined)
    throw new Rejection(405, rpcCodes.invalidRequest, "this address takes POST");
  await desk.end(await desk.find(request, visit.caller, visit.scope));
  response.writeHead(200).end();
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
  const status = rejection.status === 200 ? (thrown instanceof Problem ? 503 : 400) : rejection.status;
  const headers: Record<string, string> =
    status === 405 ? { allow: "POST" } : status === 413 ? { connection: "close" } : {};
  writeJson(response, status, rpcResponse(null, { error: rejection.error }), headers);
}
