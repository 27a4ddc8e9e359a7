import { setTimeout as pause } from "node:timers/promises";
import { type JsonObject, parseJson } from "@countersign/contract";
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
import { type LongLine, linesOf, maxLine } from "./bridge-lines.ts";
import { createMirror } from "./bridge-mirror.ts";
import { anew, type Bridge, type BridgeOptions, connections, type HttpAnswer, post, withEnd } from "./bridge-post.ts";
import { type Ending, elsewhere, elsewhereMs, mostElsewhere, type Rest, readAnswers } from "./bridge-stream.ts";

/** Lets a client that starts a command speak with the door: lines in, lines out, every message as it is. Ends with its input. */
export async function runBridge(options: BridgeOptions): Promise<void> {
  const bridge: Bridge = {
    options,
    agent: connections(),
    running: new Map(),
    closing: new AbortController(),
    mirror: createMirror(),
    opening: undefined,
    session: undefined,
    version: undefined,
    reopening: undefined,
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
  } catch (thrown) {
    if (message?.kind === "request" && !stop.signal.aborted)
      answerFault(bridge, message.id, thrown instanceof NotSent ? thrown.message : notKnown(bridge, message));
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
  if (message?.kind === "result" || message?.kind === "error") return reply(bridge, line, signal);
  const headers = await headersFor(bridge, message);
  await bridge.reopening?.catch(() => undefined);
  const within = bridge.session;
  let answer = await post(bridge, "POST", line, headers, signal);
  if (answer.statusCode === 404 && within !== undefined && bridge.opening !== undefined) {
    // The door has ended the session and processed nothing: it is opened again and the message sent there.
    await answer.body.dump();
    await openAnew(bridge, within, bridge.opening);
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

function keepSession(bridge: Bridge, headers: HttpAnswer["headers"]): void {
  const found = headers["mcp-session-id"];
  bridge.session = typeof found === "string" ? found : undefined;
}

/** One new session for all that found the old one ended. */
async function openAnew(bridge: Bridge, ended: string, opening: string): Promise<void> {
  if (bridge.session !== ended && bridge.reopening === undefined) return;
  bridge.reopening ??= reopen(bridge, ended, opening).finally(() => {
    bridge.reopening = undefined;
  });
  await bridge.reopening;
}

/** Nothing that found no session was sent on: whoever waits for it may ask again. */
class NotSent extends Error {}

async function reopen(bridge: Bridge, ended: string, opening: string): Promise<void> {
  bridge.session = undefined;
  try {
    const answer = await post(bridge, "POST", opening, {});
    keepSession(bridge, answer.headers);
    await answer.body.dump();
    if (bridge.session === undefined) throw new Error(`it was answered with ${answer.statusCode}`);
    await (await post(bridge, "POST", '{"jsonrpc":"2.0","method":"notifications/initialized"}', {})).body.dump();
  } catch (cause) {
    bridge.options.log.warn({ cause: String(cause) }, "a new session could not be opened");
    // Whatever comes next finds the old one ended and tries again.
    bridge.session = ended;
    throw new NotSent("the session has ended and a new one could not be opened: the call was not sent");
  }
  void listen(bridge);
}

/**
 * What a server asked, the replica knows that it asked over: any other refuses the answer without having read it, so it
 * is offered again, on another connection. A question of a session that has ended has no one who waits for its answer.
 */
async function reply(bridge: Bridge, line: string, signal: AbortSignal): Promise<void> {
  for (let tries = 0; tries < mostElsewhere; tries++) {
    const [statusCode] = await anew(async (connection) => {
      const answer = await post(bridge, "POST", line, {}, signal, connection);
      await answer.body.dump();
      return [answer.statusCode];
    });
    if (statusCode !== 400) return;
    await pause(elsewhereMs, undefined, { signal });
  }
  bridge.options.log.warn({}, "an answer to a server was not taken: nothing here waits for it any more");
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
  let ending: Ending = "unanswered";
  if (type.startsWith("text/event-stream")) {
    const rest = (last: string, patient: AbortSignal) => resume(bridge, last, patient);
    ending = await readAnswers(answer.body, { take, signal, ...(asks ? { rest } : {}) });
  } else {
    const text = await answer.body.text();
    if (text !== "" && type.startsWith("application/json") && take(text)) ending = "answered";
  }
  if (asks && ending !== "answered")
    answerFault(bridge, message.id, ending === elsewhere ? isElsewhere : notKnown(bridge, message));
}

async function resume(bridge: Bridge, lastEventId: string, signal: AbortSignal): Promise<Rest> {
  const connection = connections();
  const leave = (): Promise<void> => connection.destroy();
  try {
    const place = { "last-event-id": lastEventId };
    const { body, headers, statusCode } = await post(bridge, "GET", undefined, place, signal, connection);
    if (statusCode === 200 && String(headers["content-type"]).startsWith("text/event-stream"))
      return withEnd(body, leave);
    await body.dump();
    await leave();
    // Another replica that has the session's stream open already.
    return statusCode === 409 ? elsewhere : undefined;
  } catch (thrown) {
    await leave();
    throw thrown;
  }
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
function notKnown(bridge: Bridge, { method }: { readonly method: string }): string {
  const made = callMethods.has(method) ? "; whether the call was made is not known" : "";
  const where = new URL(bridge.options.url);
  return `countersign could not be reached at ${where.origin}${where.pathname}, or did not answer${made}`;
}

const isElsewhere =
  "another replica of countersign has the answer to this call, and could not be reached; the call was sent once and is not sent again: its receipt says what became of it";

function answerFault(bridge: Bridge, id: RpcId, message: string): void {
  answerError(bridge, id, { code: -32000, message });
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
