import type { ServerResponse } from "node:http";
import type { JsonObject } from "@countersign/contract";
import type { RpcId, ServerSelf, SessionRow, Upstream } from "../../execution/mcp/index.ts";
import { freshBytes } from "../../floor/id.ts";
import { beginStream, type Outcome, type Outlet, rpcResponse, sseText, writeJson, writeOn } from "./outlet.ts";

/** What this replica holds of a session of the older era: its streams, its open requests in both directions. */
export interface LiveSession {
  readonly row: SessionRow;
  /** Begins the names of the streams here: another replica's streams of the same session have other names. */
  readonly mark: string;
  readonly streams: Map<string, Stream>;
  /** Requests to the client that wait for its answer. */
  readonly asked: Map<RpcId, (answer: JsonObject) => void>;
  /** The client's requests that run, so that it can cancel them. */
  readonly running: Map<RpcId, AbortController>;
  readonly attached: Map<string, { readonly upstream: Upstream; readonly self: Promise<ServerSelf> }>;
  general: Stream | undefined;
  lastStream: number;
  lastAsk: number;
  seenMs: number;
  /** When the row was last read. */
  checkedMs: number;
}

/** One stream of events that a client may pick up again where its connection broke. */
export interface Stream {
  readonly name: string;
  readonly events: { readonly number: number; readonly text: string }[];
  response: ServerResponse | undefined;
  last: number;
  bytes: number;
  ended: boolean;
  readonly delivered: (() => void)[];
}

const keptStreams = 32;
const keptBytes = 8_388_608;
const askMs = 600_000;
const retryMs = 2_000;

export function createLive(row: SessionRow, nowMs: number): LiveSession {
  return {
    row,
    mark: freshBytes(6).toString("hex"),
    streams: new Map(),
    asked: new Map(),
    running: new Map(),
    attached: new Map(),
    general: undefined,
    lastStream: 0,
    lastAsk: 0,
    seenMs: nowMs,
    checkedMs: nowMs,
  };
}

export function createStream(live: LiveSession, response: ServerResponse | undefined): Stream {
  live.lastStream += 1;
  const stream: Stream = {
    name: `${live.mark}.${live.lastStream}`,
    events: [],
    response,
    last: 0,
    bytes: 0,
    ended: false,
    delivered: [],
  };
  live.streams.set(stream.name, stream);
  for (const name of live.streams.keys()) {
    if (live.streams.size <= keptStreams) break;
    if (live.streams.get(name)?.ended === true) live.streams.delete(name);
  }
  return stream;
}

/**
 * Starts a stream on a connection; a first event without content gives the client a place to resume from. `after` is
 * the number of the last event that it has, where it comes back: then it is told which stream this is in every revision.
 */
export function primeStream(live: LiveSession, stream: Stream, response: ServerResponse, after?: number): void {
  stream.response = response;
  beginStream(response, { "mcp-session-id": live.row.id });
  // Clients of older revisions cannot take an event without content; an id alone is none.
  const content = live.row.version === "2025-11-25" ? `retry: ${retryMs}\ndata: \n` : "";
  // INVARIANT: never past what the client has: a connection that breaks before the replay would skip it.
  if (content !== "" || after !== undefined)
    writeOn(response, `id: ${stream.name}-${after ?? stream.last}\n${content}\n`);
  const keepAlive = setInterval(() => writeOn(response, ": \n\n"), 15_000).unref();
  response.once("close", () => {
    clearInterval(keepAlive);
    if (stream.response === response) stream.response = undefined;
  });
}

export function writeStream(stream: Stream, message: JsonObject, isLast = false): void {
  stream.last += 1;
  const text = sseText(message, `${stream.name}-${stream.last}`);
  stream.events.push({ number: stream.last, text });
  stream.bytes += text.length;
  while (stream.bytes > keptBytes && stream.events.length > 1) stream.bytes -= stream.events.shift()?.text.length ?? 0;
  const { response } = stream;
  if (response !== undefined) writeOn(response, text);
  if (isLast) endStream(stream);
}

function endStream(stream: Stream): void {
  stream.ended = true;
  const { response } = stream;
  // One that was ended before its last event delivered nothing.
  if (response === undefined || response.writableEnded) return;
  for (const then of stream.delivered) response.once("finish", then);
  response.end();
}

/** Gives a client that comes back what it missed, then goes on. Undefined where this replica does not know the place. */
export function resumeStream(live: LiveSession, lastEventId: string, response: ServerResponse): Stream | undefined {
  const [name, number] = lastEventId.split("-");
  const stream = name === undefined ? undefined : live.streams.get(name);
  if (stream === undefined || number === undefined || !/^\d{1,9}$/.test(number)) return undefined;
  stream.response?.end();
  primeStream(live, stream, response, Number(number));
  for (const event of stream.events) if (event.number > Number(number)) writeOn(response, event.text);
  if (stream.ended) endStream(stream);
  return stream;
}

/** Asks the client on a stream and waits for the answer that it posts. */
export function askOn(live: LiveSession, stream: Stream | undefined, message: JsonObject): Promise<JsonObject> {
  if (stream === undefined)
    return Promise.resolve({ error: { code: -32603, message: "the client has no open stream" } });
  live.lastAsk += 1;
  // No other replica's question, and none of another session, has the same: an answer that goes astray answers nothing.
  const id = `gate-${live.mark}-${live.lastAsk}`;
  return new Promise((resolve) => {
    const late = setTimeout(
      () => settle({ error: { code: -32603, message: "the client did not answer in time" } }),
      askMs,
    ).unref();
    const settle = (answer: JsonObject) => {
      clearTimeout(late);
      live.asked.delete(id);
      resolve(answer);
    };
    live.asked.set(id, settle);
    writeStream(stream, { jsonrpc: "2.0", ...message, id });
  });
}

/** The older era: every answer of a session goes over a stream that can be resumed, where the client takes streams. */
export function legacyOutlet(live: LiveSession, response: ServerResponse, takesStream: boolean): Outlet {
  const stream = takesStream ? createStream(live, response) : undefined;
  if (stream !== undefined) primeStream(live, stream, response);
  return {
    begin: () => stream !== undefined,
    notify(message) {
      if (stream !== undefined) writeStream(stream, message);
    },
    ask: (message) => askOn(live, stream, message),
    letGo() {
      // Older clients do not come back for a stream that ended.
      if (stream?.response === undefined || live.row.version !== "2025-11-25") return;
      stream.response.end();
      stream.response = undefined;
    },
    finish(id: RpcId | null, outcome: Outcome) {
      const body = rpcResponse(id, outcome);
      if (stream === undefined) writeJson(response, 200, body, { "mcp-session-id": live.row.id });
      else writeStream(stream, body, true);
    },
    onDelivered(then) {
      if (stream !== undefined) stream.delivered.push(then);
      else if (!response.writableEnded) response.once("finish", then);
    },
  };
}
