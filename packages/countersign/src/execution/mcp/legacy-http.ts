import type { JsonObject } from "@countersign/contract";
import type { Answer, Relay } from "../connector.ts";
import { answerIn, bareAnswer, brokenStream, Late, parseUpstream, type Reply, ship } from "./http.ts";
import type { Ask, ClientSide, Link, LinkContext, ServerSelf } from "./link.ts";
import { Flood, type SseEvent } from "./sse.ts";
import type { HttpTarget } from "./target.ts";
import { isLegacyVersion, objectAt, type RpcId, type RpcMessage } from "./wire.ts";

interface Session {
  readonly target: HttpTarget;
  readonly context: LinkContext;
  readonly client: ClientSide;
  readonly closing: AbortController;
  id: string | undefined;
  version: string;
  self: ServerSelf;
  lastRequest: number;
  open: boolean;
}

const openMs = 15_000;

/** Opens a session of the older revisions: `initialize`, `initialized`, and the stream for unsolicited messages. */
export async function openLegacyHttp(
  target: HttpTarget,
  client: ClientSide,
  context: LinkContext,
): Promise<Link | Answer> {
  const session: Session = {
    target,
    context,
    client,
    closing: new AbortController(),
    id: undefined,
    version: client.protocolVersion,
    self: { capabilities: {}, info: {} },
    lastRequest: 0,
    open: false,
  };
  const failed = await initialize(session);
  if (failed !== undefined) return failed;
  void listen(session);
  return {
    era: "legacy",
    get self() {
      return session.self;
    },
    ask: (ask) => askOnce(session, ask),
    tell: (method, params) => tell(session, method, params),
    alive: () => session.open,
    close: () => end(session),
  };
}

async function initialize(session: Session): Promise<Answer | undefined> {
  const { client } = session;
  const params = {
    protocolVersion: client.protocolVersion,
    capabilities: client.capabilities,
    clientInfo: client.info,
  };
  const id = ++session.lastRequest;
  const reply = await post(session, { jsonrpc: "2.0", id, method: "initialize", params }, openMs);
  if (reply.kind === "message" || reply.kind === "stream") {
    const found = reply.headers["mcp-session-id"];
    session.id = typeof found === "string" ? found : undefined;
  }
  const answer = await settle(session, reply, id, { method: "initialize", params, deadlineMs: openMs });
  // The deed itself waits behind this greeting: whatever became of the greeting, the deed was not sent.
  if (answer.kind === "lost" || answer.kind === "error")
    return { kind: "never_sent", reason: "the upstream did not open a session" };
  if (answer.kind === "never_sent") return answer;
  const version = answer.result.protocolVersion;
  if (!isLegacyVersion(version))
    return { kind: "never_sent", reason: "the upstream speaks no revision that is known here" };
  session.version = version;
  const instructions = answer.result.instructions;
  session.self = {
    capabilities: objectAt(answer.result, "capabilities"),
    info: objectAt(answer.result, "serverInfo"),
    ...(typeof instructions === "string" ? { instructions } : {}),
  };
  session.open = true;
  await tell(session, "notifications/initialized", {});
  return undefined;
}

async function askOnce(session: Session, ask: Ask): Promise<Answer> {
  const id = ++session.lastRequest;
  const reply = await post(
    session,
    { jsonrpc: "2.0", id, method: ask.method, params: ask.params },
    ask.deadlineMs,
    ask,
  );
  const own = reply.kind === "message" && "id" in reply.message && reply.message.id === id;
  if ((reply.kind === "bare" || reply.kind === "message") && reply.status === 404 && session.id !== undefined && !own) {
    // The revision's own sign that the session is gone: the request was not processed. The next call opens another.
    session.open = false;
    return { kind: "never_sent", reason: "the upstream has ended its session" };
  }
  const answer = await settle(session, reply, id, ask);
  if (ask.signal?.aborted === true && answer.kind === "lost") {
    await tell(session, "notifications/cancelled", { requestId: id, reason: "the caller cancelled" });
  }
  return answer;
}

function post(
  session: Session,
  message: JsonObject,
  deadlineMs: number,
  { signal, whyNot }: Pick<Ask, "signal" | "whyNot"> = {},
): Promise<Reply> {
  return ship(session.target, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...sessionHeaders(session),
    },
    body: JSON.stringify(message),
    deadlineMs,
    ...(signal === undefined ? {} : { signal }),
    ...(whyNot === undefined ? {} : { whyNot }),
  });
}

function sessionHeaders(session: Session): Record<string, string> {
  const version = session.open ? { "mcp-protocol-version": session.version } : {};
  return session.id === undefined ? version : { "mcp-session-id": session.id, ...version };
}

async function tell(session: Session, method: string, params: JsonObject): Promise<void> {
  const reply = await post(session, { jsonrpc: "2.0", method, params }, openMs);
  if (reply.kind === "stream") reply.drop();
}

async function settle(session: Session, reply: Reply, id: RpcId, ask: Ask): Promise<Answer> {
  if (reply.kind === "never_sent" || reply.kind === "lost") return reply;
  if (reply.kind === "bare") return bareAnswer(reply.status);
  if (reply.kind === "message") {
    return (
      answerIn(reply.message, id) ?? {
        kind: "lost",
        reason: "the upstream answered another request than the one that was sent",
      }
    );
  }
  const until = performance.now() + ask.deadlineMs;
  let stream: AsyncGenerator<SseEvent> | undefined = reply.events;
  const seen: { id?: string; retryMs: number } = { retryMs: 1_000 };
  while (stream !== undefined) {
    const answer = await drain(session, stream, id, ask.relay ?? session.client, seen);
    if (answer !== undefined) return answer;
    if (seen.id !== undefined) ask.relay?.letGo?.();
    // A server may close its stream while it works; the rest is fetched from where it stopped. The call is not sent again.
    stream =
      seen.id === undefined || ask.signal?.aborted === true
        ? undefined
        : await resume(session, seen, until - performance.now(), ask.signal);
  }
  return { kind: "lost", reason: "the stream ended before an answer came" };
}

async function resume(
  session: Session,
  seen: { id?: string; retryMs: number },
  leftMs: number,
  signal?: AbortSignal,
): Promise<AsyncGenerator<SseEvent> | undefined> {
  if (leftMs <= seen.retryMs) return undefined;
  await new Promise((resolve) => setTimeout(resolve, seen.retryMs));
  const reply = await ship(session.target, {
    method: "GET",
    headers: { accept: "text/event-stream", "last-event-id": seen.id ?? "", ...sessionHeaders(session) },
    deadlineMs: leftMs - seen.retryMs,
    ...(signal === undefined ? {} : { signal }),
  });
  return reply.kind === "stream" ? reply.events : undefined;
}

async function drain(
  session: Session,
  stream: AsyncGenerator<SseEvent>,
  id: RpcId | undefined,
  relay: Relay,
  seen: { id?: string; retryMs: number },
): Promise<Answer | undefined> {
  try {
    for await (const event of stream) {
      if (event.id !== undefined) seen.id = event.id;
      if (event.retryMs !== undefined) seen.retryMs = Math.min(Math.max(event.retryMs, 100), 30_000);
      if (event.data === "") continue;
      const message = parseUpstream(event.data);
      if (typeof message === "string") return { kind: "lost", reason: message };
      const answer = id === undefined ? undefined : answerIn(message, id);
      if (answer !== undefined) return answer;
      passOn(session, message, relay);
    }
  } catch (thrown) {
    // A connection that broke may be resumed; what was too much or too late may not.
    if (thrown instanceof Flood || thrown instanceof Late) return brokenStream(thrown);
  }
  return undefined;
}

function passOn(session: Session, message: RpcMessage, relay: Relay): void {
  if (message.kind === "notification") relay.notify(message.raw);
  if (message.kind !== "request") return;
  const { id } = message;
  const answered = message.method === "ping" ? Promise.resolve<JsonObject>({ result: {} }) : relay.request(message.raw);
  answered
    .catch((): JsonObject => ({ error: { code: -32603, message: "the client did not answer" } }))
    .then((answer) => post(session, { jsonrpc: "2.0", id, ...answer }, openMs))
    .then((reply) => (reply.kind === "stream" ? reply.drop() : undefined))
    .catch(() =>
      session.context.log.warn(
        { server: session.context.server },
        "a client's answer could not be passed to the upstream",
      ),
    );
}

/** Reads unsolicited messages while the session lasts. A server without such a stream answers 405. */
async function listen(session: Session): Promise<void> {
  const seen: { id?: string; retryMs: number } = { retryMs: 1_000 };
  while (session.open && !session.closing.signal.aborted) {
    const reply = await ship(session.target, {
      method: "GET",
      headers: {
        accept: "text/event-stream",
        ...(seen.id === undefined ? {} : { "last-event-id": seen.id }),
        ...sessionHeaders(session),
      },
      deadlineMs: 3_600_000,
      signal: session.closing.signal,
    });
    if (reply.kind !== "stream") return;
    await drain(session, reply.events, undefined, session.client, seen);
    await new Promise((resolve) => setTimeout(resolve, Math.max(seen.retryMs, 250)).unref());
  }
}

async function end(session: Session): Promise<void> {
  session.open = false;
  session.closing.abort();
  if (session.id === undefined) return;
  const version = { "mcp-protocol-version": session.version };
  await ship(session.target, {
    method: "DELETE",
    headers: { "mcp-session-id": session.id, ...version },
    deadlineMs: 3_000,
  });
}
