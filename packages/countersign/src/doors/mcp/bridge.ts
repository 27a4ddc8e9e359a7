import type { Readable, Writable } from "node:stream";
import { type JsonObject, parseJson } from "@countersign/contract";
import { Agent, request } from "undici";
import {
  isObject,
  metaKeys,
  objectAt,
  type RpcId,
  type RpcMessage,
  readRpc,
  readSse,
} from "../../execution/mcp/index.ts";
import type { Log } from "../../floor/log.ts";
import type { Secret } from "../../floor/secret.ts";
import { createMirror, type Mirror } from "./bridge-mirror.ts";

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

const maxLine = 1_114_112;

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
    const work = takeLine(bridge, line).finally(() => open.delete(work));
    open.add(work);
    // The session must be there before what follows it can be sent.
    if (line.includes('"initialize"')) await work;
  }
  await Promise.race([Promise.all(open), new Promise((resolve) => setTimeout(resolve, 2_000).unref())]);
  bridge.closing.abort();
  for (const running of bridge.running.values()) running.abort();
  if (bridge.session !== undefined) await post(bridge, "DELETE", undefined, {}).catch(() => undefined);
  await bridge.agent.destroy();
}

async function* linesOf(input: Readable): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of input as AsyncIterable<Buffer>) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > maxLine) rest = "";
    for (const line of lines) if (line.trim() !== "") yield line;
  }
  if (rest.trim() !== "") yield rest;
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
    if (id !== undefined && !stop.signal.aborted) answerFault(bridge, id);
  } finally {
    if (id !== undefined) bridge.running.delete(id);
  }
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
  await passBack(bridge, answer, message);
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

async function passBack(bridge: Bridge, answer: HttpAnswer, message: RpcMessage | undefined): Promise<void> {
  const type = String(answer.headers["content-type"] ?? "");
  if (type.startsWith("text/event-stream")) {
    for await (const event of readSse(answer.body)) if (event.data !== "") write(bridge, event.data, message);
    return;
  }
  const text = await answer.body.text();
  if (text !== "" && type.startsWith("application/json")) write(bridge, text, message);
  else if (message?.kind === "request") answerFault(bridge, message.id);
}

/** Writes one message as one line, in the door's own bytes. An error without an id belongs to what was asked. */
function write(bridge: Bridge, text: string, asked: RpcMessage | undefined): void {
  const line = text.replace(/[\r\n]+/g, " ");
  const message = parse(line);
  if (message?.kind === "result" && asked?.kind === "request") {
    if (asked.method === "initialize" && typeof message.result.protocolVersion === "string")
      bridge.version = message.result.protocolVersion;
    if (asked.method === "tools/list") bridge.mirror.learn(message.result);
  }
  if (message?.kind === "error" && message.id === null) {
    if (asked?.kind === "request")
      bridge.options.output.write(`${JSON.stringify({ jsonrpc: "2.0", id: asked.id, error: message.error })}\n`);
    return;
  }
  bridge.options.output.write(`${line}\n`);
}

function answerFault(bridge: Bridge, id: RpcId): void {
  const error = {
    code: -32000,
    message: "countersign could not be reached, or did not answer; whether the call was made is not known",
  };
  bridge.options.output.write(`${JSON.stringify({ jsonrpc: "2.0", id, error })}\n`);
}

/** Messages of servers that belong to no request, while the session lasts. */
async function listen(bridge: Bridge): Promise<void> {
  try {
    const answer = await post(bridge, "GET", undefined, {});
    if (answer.statusCode === 200) await passBack(bridge, answer, undefined);
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
