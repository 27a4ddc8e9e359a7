import type { JsonObject } from "@countersign/contract";
import type { Relay } from "../../execution/connector.ts";
import { type RpcError, type RpcMessage, rpcCodes } from "../../execution/mcp/index.ts";
import { introduction, nameOf, screenSelf } from "./describe.ts";
import { isListMethod, list } from "./lists.ts";
import type { LiveSession } from "./live-session.ts";
import type { Outcome } from "./outlet.ts";
import { perform } from "./perform.ts";
import { Rejection } from "./rejection.ts";
import type { RpcCall } from "./rpc-call.ts";
import { screen, screenError, screenMessage } from "./screen.ts";
import type { SessionDesk } from "./session-desk.ts";
import { soon } from "./soon.ts";
import { isGoverned, toSubmission } from "./target.ts";

const greetMs = 5_000;

/** The answer to `initialize`: what the session's servers can do, as far as they can be reached now. */
export async function greet(call: RpcCall, live: LiveSession, desk: SessionDesk): Promise<Outcome> {
  const found = await Promise.all(call.scope.servers.map((server) => soon(desk.attach(live, server), greetMs)));
  const selves = found.filter((self) => self !== undefined).map((self) => screenSelf(call.setting, self));
  return {
    result: { protocolVersion: live.row.version, ...introduction(call, selves), serverInfo: nameOf(call, selves) },
  };
}

export async function answerLegacy(call: RpcCall, live: LiveSession, desk: SessionDesk): Promise<Outcome> {
  const { method } = call;
  if (method === "ping") return { result: {} };
  if (isListMethod(method)) return list(call, method);
  if (isGoverned(method)) {
    return perform({ ...call, attach: (server) => desk.attach(live, server) }, method);
  }
  if (method === "logging/setLevel") return everyServer(call, live, desk);
  if (method === "resources/unsubscribe") return unsubscribe(call, live, desk);
  throw new Rejection(200, rpcCodes.noMethod, `there is no method \`${method.slice(0, 100)}\` in this revision`);
}

const levels: readonly unknown[] = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];

/**
 * How much a server tells this session; no effect beyond the session. Nobody decides on it, so nothing but the level
 * goes to the servers.
 */
async function everyServer(call: RpcCall, live: LiveSession, desk: SessionDesk): Promise<Outcome> {
  const { level } = call.params;
  if (level === undefined || !levels.includes(level))
    throw new Rejection(200, rpcCodes.invalidParams, "`level` is none of the protocol's levels");
  let outcome: Outcome = { result: {} };
  for (const server of call.scope.servers) {
    const self = await desk.attach(live, server);
    const upstream = call.setting.upstreams.of(server, call.caller.workflow, call.caller.onBehalfOf);
    if (upstream === undefined || self?.capabilities.logging === undefined) continue;
    const answer = await upstream.request(call.method, { level }, { session: live.row.id, relay: quiet(call) });
    if (answer.kind === "error") outcome = { error: screenError(call.setting, answer.error) };
  }
  return outcome;
}

async function unsubscribe(call: RpcCall, live: LiveSession, desk: SessionDesk): Promise<Outcome> {
  const submission = await toSubmission(call, "resources/subscribe");
  // Nobody decides on it: it goes only where the agent could have subscribed, and carries the address alone.
  if (!call.setting.hall.mayEver(call.caller, submission.server, submission.tool))
    throw new Rejection(200, rpcCodes.invalidParams, "there is no such subscription here");
  const { uri = "" } = submission.params;
  await desk.attach(live, submission.server);
  const upstream = call.setting.upstreams.of(submission.server, call.caller.workflow, call.caller.onBehalfOf);
  const options = { session: live.row.id, relay: quiet(call) };
  const answer = await upstream?.request("resources/unsubscribe", { uri }, options);
  if (answer?.kind === "answered") return { result: screen(call.setting, answer.result) };
  if (answer?.kind === "error") return { error: screenError(call.setting, answer.error) };
  throw new Rejection(200, rpcCodes.fault, "the server could not be told");
}

/** For what is no action: the server may say something, and may ask nothing, because no record would hold the answer. */
function quiet(call: RpcCall): Relay {
  return {
    notify: (message) => call.outlet.notify(screenMessage(call.setting, message)),
    request: async () => ({
      error: { code: rpcCodes.invalidRequest, message: "a server may ask only while a call runs" },
    }),
  };
}

/** A notification or an answer of the client; what is not known is accepted and has no effect. */
export async function hearClient(
  _call: Omit<RpcCall, "id" | "outlet">,
  live: LiveSession,
  message: RpcMessage,
): Promise<void> {
  if (message.kind === "result" || message.kind === "error") {
    const settle = message.id === null ? undefined : live.asked.get(message.id);
    if (settle === undefined)
      throw new Rejection(400, rpcCodes.invalidRequest, "no request with this id waits for an answer here");
    settle(message.kind === "result" ? { result: message.result } : { error: asJson(message.error) });
    return;
  }
  if (message.kind !== "notification") return;
  if (message.method === "notifications/cancelled") {
    const { requestId } = message.params;
    if (typeof requestId === "string" || typeof requestId === "number") live.running.get(requestId)?.abort();
    return;
  }
  if (message.method !== "notifications/roots/list_changed") return;
  for (const { upstream } of live.attached.values()) {
    // Without what the agent put beside it: nobody decides on this.
    await upstream.tell(message.method, {}, live.row.id);
  }
}

function asJson(error: RpcError): JsonObject {
  const { code, message, data } = error;
  return data === undefined ? { code, message } : { code, message, data };
}
