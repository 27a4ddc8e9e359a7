import type { IncomingMessage } from "node:http";
import type { Json } from "@countersign/contract";
import { isLegacyVersion, legacyVersions, type RpcMessage, readRpc, rpcCodes } from "../../execution/mcp/index.ts";
import { type Accepts, accepts } from "./guard.ts";
import { answerLegacy, greet, hearClient } from "./legacy.ts";
import { createStream, type LiveSession, legacyOutlet, primeStream, resumeStream } from "./live-session.ts";
import { modernOutlet, type Outlet, rpcResponse, writeEmpty, writeJson } from "./outlet.ts";
import { Rejection } from "./rejection.ts";
import type { RpcCall } from "./rpc-call.ts";
import { requireRun } from "./run-of.ts";
import { answer, base, type Visit } from "./visit.ts";

/** One POST of the older revisions. */
export async function onLegacy(visit: Visit, message: RpcMessage, accepted: Accepts): Promise<void> {
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
    writeEmpty(response, 202);
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
  let live: LiveSession | undefined;
  const outlet: Outlet = {
    ...modernOutlet(response, false),
    finish: (id, outcome) =>
      writeJson(
        response,
        "error" in outcome ? (outcome.status ?? 200) : 200,
        rpcResponse(id, outcome),
        live === undefined ? {} : { "mcp-session-id": live.row.id },
      ),
  };
  await answer(visit, message, outlet, async () => {
    await requireRun(base(visit, message, outlet));
    live = await desk.open(caller, scope, message.params);
    return greet(
      { ...base(visit, message, outlet), ...ofSession(live), signal: AbortSignal.timeout(60_000) },
      live,
      desk,
    );
  });
}

/** Only the two oldest revisions have batches. */
const withBatches: readonly string[] = ["2025-03-26", "2024-11-05"];

export async function onBatch(visit: Visit, batch: readonly Json[]): Promise<void> {
  guardLegacyVersion(visit.request);
  const live =
    visit.request.headers["mcp-session-id"] === undefined
      ? undefined
      : await visit.desk.find(visit.request, visit.caller, visit.scope);
  if (live === undefined || !withBatches.includes(live.row.version) || batch.length === 0 || batch.length > 50) {
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
  if (answers.length === 0) writeEmpty(visit.response, 202);
  else writeJson(visit.response, 200, answers);
}

function guardLegacyVersion(request: IncomingMessage): void {
  const version = request.headers["mcp-protocol-version"];
  if (version === undefined || isLegacyVersion(version)) return;
  throw new Rejection(400, -32000, `this revision is not spoken here; these are: ${legacyVersions.join(", ")}`);
}

/** The stream for what belongs to no request, or the rest of one that broke off. */
export async function onGet(visit: Visit): Promise<void> {
  const { request, response, desk } = visit;
  if (request.headers["mcp-session-id"] === undefined)
    throw new Rejection(405, rpcCodes.invalidRequest, "this address takes POST");
  if (!accepts(request).stream)
    throw new Rejection(406, rpcCodes.invalidRequest, "the client must accept `text/event-stream`");
  guardLegacyVersion(request);
  const live = await desk.find(request, visit.caller, visit.scope);
  const last = request.headers["last-event-id"];
  const resumed = typeof last === "string" ? resumeStream(live, last, response) : undefined;
  if (resumed !== undefined) {
    visit.stay.isBegun = resumed !== live.general;
    return;
  }
  if (live.general?.response !== undefined)
    throw new Rejection(409, rpcCodes.invalidRequest, "the session's stream is open already");
  visit.stay.isBegun = false;
  live.general = createStream(live, response);
  primeStream(live, live.general, response, last === undefined ? undefined : 0);
}

export async function onDelete(visit: Visit): Promise<void> {
  const { request, response, desk } = visit;
  if (request.headers["mcp-session-id"] === undefined)
    throw new Rejection(405, rpcCodes.invalidRequest, "this address takes POST");
  await desk.end(await desk.find(request, visit.caller, visit.scope));
  writeEmpty(response, 200);
}
