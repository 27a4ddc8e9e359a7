import type { Readable, Writable } from "node:stream";
import { type JsonObject, parseJson } from "@countersign/contract";
import { Agent, request } from "undici";
import {
  isObject,
  metaKeys,
  objectAt,
  type RpcError,
  type RpcId,
  type RpcMessage,
  readRpc,
  rpcCodes,
} from "../../execution/mcp/index.ts";
import type { Log } from "../../floor/log.ts";
import type { Secret } from "../../floor/secret.ts";
import { type LongLine, linesOf, maxLine } from "./bridge-lines.ts";
import { createMirror, type Mirror } from "./bridge-mirror.ts";
import { elsewhere, type Rest, readAnswers } from "./bridge-stream.ts";

export interface BridgeOptions {
  /** The door's address, such as `http://localhost:4600/mcp`. */
  readonly url: string;
  readonly key: Secret;
  /** The run that every call belongs to. */
  readonly run?: string;
  readonly input: Readable;
  readonly output: Writable;
  readonly log: Log;
}

interface Bridge {
  readonly options: BridgeOptions;
  readonly agent: Agent;
  readonly running: Map<RpcId, AbortController>;
  readonly closing: AbortController;
  readonly mirror: Mirror;
  /** What opened the session, so that it can be opened again where the door has ended it. */
  opening: string | undefined;
  session: string | undefined;
  version: string | undefined;
}

/** Lets a client that starts a command speak with the door: lines in, lines out, every message as it is. Ends with its input. */
export async function runBridge(options: BridgeOptions): Promise<void> {
  const bridge: Bridge = {
    options,
    agent: new Agent({ headersTimeout: 0, bodyTimeout: 0, connect: { timeout: 10_000 } }),
    running: new Map(),
    closing: new AbortController(),
    mirror: createMirror(),
    opening: undefined,
    session: undefined,
    version: undefined,
  };
  const open = new Set<Promise<void>>();
  for await (const line of linesOf(options.input)) {
    const taken = typeof line === "string" ? takeLine(bridge, line) : refuseLong(bridge, line);
    const work = taken.finally(() => open.delete(work));
    open.add(work);
    // The session must be there before what follows it can be sent.
    if (typeof line === "string" && line.includes('"initialize"')) await work;
  }
  await Promise.race([Promise.all(open), new Promise((resolve) => setTimeout(resolve, 2_000).unref())]);
  bridge.closing.abort();
  for (const running of bridge.running.values()) running.abort();
  if (bridge.session !== undefined) await post(bridge, "DELETE", undefined, {}).catch(() => undefined);
  await bridge.agent.destroy();
}

async function takeLine(bridge: Bridge, line: string): Promise<void> {
  const message = parse(line);
  const id = message?.kind === "request" ? message.id : undefined;
  const stop = new AbortController();
  if (id !== undefined) bridge.running.set(id, stop);
  try {
    if (message?.kind === "notification" && cancels(bridge, message)) return;
    await send(bridge, line, message, stop.signal);
  } catch {
    if (message?.kind === "request" && !stop.signal.aborted) answerFault(bridge, message);
  } finally {
    if (id !== undefined) bridge.running.delete(id);
  }
}

/** Nobody is left to wait: not the client for what it asked, and not a server for what it asked the client. */
async function refuseLong(bridge: Bridge, { id, asks }: LongLine): Promise<void> {
  const message = `the message has more than ${maxLine} characters, and was not sent`;
  if (id === undefined) bridge.options.log.warn({}, message);
  else if (asks) answerError(bridge, id, { code: rpcCodes.invalidRequest, message });
  else
    await takeLine(bridge, JSON.stringify({ jsonrpc: "2.0", id, error: { code: rpcCodes.invalidRequest, message } }));
}

/** In the newer revision closing the stream cancels, and a notification says nothing to the door. */
function cancels(bridge: Bridge, message: RpcMessage & { kind: "notification" }): boolean {
  const { requestId } = message.params;
  if (message.method !== "notifications/cancelled" || bridge.session !== undefined) return false;
  if (typeof requestId === "string" || typeof requestId === "number") bridge.running.get(requestId)?.abort();
  return true;
}

async function send(bridge: Bridge, line: string, message: RpcMessage | undefined, signal: AbortSignal): Promise<void> {
  if (message?.kind === "request" && message.method === "initialize") {
    bridge.opening = line;
    bridge.session = undefined;
  }
  const headers = await headersFor(bridge, message);
  let answer = await post(bridge, "POST", line, headers, signal);
  if (answer.statusCode === 404 && bridge.session !== undefined && bridge.opening !== undefined) {
    // The door has ended the session and processed nothing: it is opened again and the message sent there.
    await answer.body.dump();
    await reopen(bridge, bridge.opening);
    answer = await post(bridge, "POST", line, headers, signal);
  }
  if (message?.kind === "request" && message.method === "initialize") keepSession(bridge, answer.headers);
  await passBack(bridge, answer, message, signal);
  if (message?.kind === "notification" && message.method === "notifications/initialized") void listen(bridge);
}

async function headersFor(bridge: Bridge, message: RpcMessage | undefined): Promise<Record<string, string>> {
  if (message?.kind !== "request" || !(metaKeys.version in objectAt(message.params, "_meta"))) return {};
  const list = async (params: JsonObject): Promise<JsonObject | undefined> => {
    const meta = objectAt(message.params, "_meta");
    const body = JSON.stringify({
      jsonrpc: "2.0",
      id: "bridge",
      method: "tools/list",
      params: { ...params, _meta: meta },
    });
    const headers = { "mcp-protocol-version": String(meta[metaKeys.version]), "mcp-method": "tools/list" };
    const answer = parse(await (await post(bridge, "POST", body, headers)).body.text());
    return answer?.kind === "result" ? answer.result : undefined;
  };
  return bridge.mirror.headers(message.method, message.params, list);
}

type HttpAnswer = Awaited<ReturnType<typeof request>>;

function post(
  bridge: Bridge,
  method: "POST" | "GET" | "DELETE",
  body: string | undefined,
  headers: Record<string, string>,
  signal?: AbortSignal,
): Promise<HttpAnswer> {
  const { options, session, version } = bridge;
  return request(options.url, {
    dispatcher: bridge.agent,
    method,
    body: body ?? null,
    signal: signal ?? bridge.closing.signal,
    headers: {
      authorization: `Bearer ${options.key.reveal()}`,
      ...(options.run === undefined ? {} : { "countersign-run": options.run }),
      accept: method === "GET" ? "text/event-stream" : "application/json, text/event-stream",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(session === undefined ? {} : { "mcp-session-id": session }),
      ...(session === undefined || version === undefined ? {} : { "mcp-protocol-version": version }),
      ...headers,
    },
  });
}

function keepSession(bridge: Bridge, headers: HttpAnswer["headers"]): void {
  const found = headers["mcp-session-id"];
  bridge.session = typeof found === "string" ? found : undefined;
}

async function reopen(bridge: Bridge, opening: string): Promise<void> {
  bridge.session = undefined;
  const answer = await post(bridge, "POST", opening, {});
  keepSession(bridge, answer.headers);
  await answer.body.dump();
  await (await post(bridge, "POST", '{"jsonrpc":"2.0","method":"notifications/initialized"}', {})).body.dump();
  void listen(bridge);
}

async function passBack(
  bridge: Bridge,
  answer: HttpAnswer,
  message: RpcMessage | undefined,
  signal: AbortSignal,
): Promise<void> {
  const take = (text: string): boolean => write(bridge, text, message);
  const type = String(answer.headers["content-type"] ?? "");
  const asks = message?.kind === "request";
  let isAnswered = false;
  if (type.startsWith("text/event-stream")) {
    const rest = (last: string, patient: AbortSignal) => resume(bridge, last, patient);
    isAnswered = await readAnswers(answer.body, { take, signal, ...(asks ? { rest } : {}) });
  } else {
    const text = await answer.body.text();
    isAnswered = text !== "" && type.startsWith("application/json") && take(text);
  }
  if (asks && !isAnswered) answerFault(bridge, message);
}

async function resume(bridge: Bridge, lastEventId: string, signal: AbortSignal): Promise<Rest> {
  const { body, headers, statusCode } = await post(bridge, "GET", undefined, { "last-event-id": lastEventId }, signal);
  if (statusCode === 200 && String(headers["content-type"]).startsWith("text/event-stream")) return body;
  await body.dump();
  // Another replica that has the session's stream open already.
  return statusCode === 409 ? elsewhere : undefined;
}

/** Writes one message as one line, in the door's own bytes; whether it answers what was asked. An error without an id belongs to that. */
function write(bridge: Bridge, text: string, asked: RpcMessage | undefined): boolean {
  const line = text.replace(/[\r\n]+/g, " ");
  const message = parse(line);
  if (message?.kind === "result" && asked?.kind === "request") {
    if (asked.method === "initialize" && typeof message.result.protocolVersion === "string")
      bridge.version = message.result.protocolVersion;
    if (asked.method === "tools/list") bridge.mirror.learn(message.result);
  }
  if (message?.kind === "error" && message.id === null) {
    if (asked?.kind === "request") answerError(bridge, asked.id, message.error);
    return true;
  }
  bridge.options.output.write(`${line}\n`);
  return (
    asked?.kind === "request" && (message?.kind === "result" || message?.kind === "error") && message.id === asked.id
  );
}

function answerError(bridge: Bridge, id: RpcId, error: RpcError): void {
  bridge.options.output.write(`${JSON.stringify({ jsonrpc: "2.0", id, error })}\n`);
}

/** Only a call can have been made; and where it went is named, because it may be another place than was meant. */
function answerFault(bridge: Bridge, { id, method }: RpcMessage & { kind: "request" }): void {
  const made = callMethods.has(method) ? "; whether the call was made is not known" : "";
  const where = new URL(bridge.options.url);
  answerError(bridge, id, {
    code: -32000,
    message: `countersign could not be reached at ${where.origin}${where.pathname}, or did not answer${made}`,
  });
}

const callMethods: ReadonlySet<string> = new Set([
  "tools/call",
  "prompts/get",
  "resources/read",
  "resources/subscribe",
]);

/** Messages of servers that belong to no request, while the session lasts. */
async function listen(bridge: Bridge): Promise<void> {
  try {
    const answer = await post(bridge, "GET", undefined, {});
    if (answer.statusCode === 200) await passBack(bridge, answer, undefined, bridge.closing.signal);
    else await answer.body.dump();
  } catch {
    if (!bridge.closing.signal.aborted) bridge.options.log.debug({}, "the stream for unsolicited messages ended");
  }
}

function parse(text: string): RpcMessage | undefined {
  try {
    const value = parseJson(text, { maxBytes: 16_777_216 });
    const message = isObject(value) ? readRpc(value) : undefined;
    return typeof message === "string" ? undefined : message;
  } catch {
    return undefined;
  }
}
