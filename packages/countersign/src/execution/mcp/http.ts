import { JsonFault, parseJson } from "@countersign/contract";
import { request } from "undici";
import type { Secret } from "../../floor/secret.ts";
import type { Answer } from "../connector.ts";
import { type Leash, takeLeash } from "./leash.ts";
import { Flood, readSse, type SseEvent, sseLimits } from "./sse.ts";
import { type HttpTarget, withoutCredential } from "./target.ts";
import { type RpcId, type RpcMessage, readRpc, rpcCodes } from "./wire.ts";

export interface Shipment {
  readonly method: "POST" | "GET" | "DELETE";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
  readonly whyNot?: () => string | undefined;
}

/** What came back over HTTP, before it is known whose answer it is. */
export type Reply =
  | { readonly kind: "never_sent"; readonly reason: string }
  | { readonly kind: "lost"; readonly reason: string }
  | { readonly kind: "message"; readonly status: number; readonly headers: Headers; readonly message: RpcMessage }
  | { readonly kind: "bare"; readonly status: number; readonly headers: Headers }
  | {
      readonly kind: "stream";
      readonly status: number;
      readonly headers: Headers;
      readonly events: AsyncGenerator<SseEvent>;
      /** For who does not read the events: lets the connection go. */
      readonly drop: () => void;
    };

type Headers = Readonly<Record<string, string | string[] | undefined>>;

// Nothing was written where the failure is in finding or opening the connection, or in the TLS handshake.
const beforeTheRequest = new Set([
  "UND_ERR_CONNECT_TIMEOUT",
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);

/** Sends one HTTP request, once. Redirects are not followed. */
export async function ship(target: HttpTarget, shipment: Shipment): Promise<Reply> {
  if (shipment.signal?.aborted === true) return { kind: "never_sent", reason: "it was cancelled before it was sent" };
  let secrets: Readonly<Record<string, Secret>>;
  try {
    secrets = await target.credentials();
  } catch (thrown) {
    return { kind: "never_sent", reason: withoutCredential(thrown) };
  }
  const reason = shipment.whyNot?.();
  if (reason !== undefined) return { kind: "never_sent", reason };
  const revealed = Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [name, secret.reveal()]));
  for (const value of Object.values(revealed)) target.mask.note(value);
  const leash = takeLeash(shipment.deadlineMs, shipment.signal);
  let reply: Reply | undefined;
  try {
    const answer = await request(target.url, {
      dispatcher: target.agent,
      method: shipment.method,
      headers: { ...revealed, ...shipment.headers },
      body: shipment.body ?? null,
      // The leash is the one deadline.
      headersTimeout: 0,
      bodyTimeout: 0,
      signal: leash.signal,
    });
    // A 403 says that the credential is known and does not reach so far (RFC 6750, 3.1): another would not either.
    if (answer.statusCode === 401) target.refused(secrets);
    reply = await read(answer.statusCode, answer.headers, answer.body, leash);
  } catch (thrown) {
    reply = failure(thrown, leash.isLate());
  }
  if (reply.kind !== "stream") leash.release();
  return reply;
}

type Body = AsyncIterable<Uint8Array> & {
  destroy(): unknown;
  on(event: "error", heard: () => void): unknown;
  bytes(): Promise<Uint8Array>;
};

async function read(status: number, headers: Headers, body: Body, leash: Leash): Promise<Reply> {
  const type = String(headers["content-type"] ?? "")
    .split(";")[0]
    ?.trim()
    .toLowerCase();
  if (type === "text/event-stream" && status < 300) return streamReply(status, headers, body, leash);
  const bytes = await bytesOf(headers, body);
  if (bytes === undefined) return { kind: "lost", reason: "the upstream's answer is larger than its limit" };
  if (type !== "application/json" || bytes.length === 0) return { kind: "bare", status, headers };
  const message = parseUpstream(new TextDecoder().decode(bytes));
  if (typeof message !== "string") return { kind: "message", status, headers, message };
  return status < 300 ? { kind: "lost", reason: message } : { kind: "bare", status, headers };
}

/** The whole body; undefined where it is too large. A declared length is kept to by the HTTP client, and read in one go. */
async function bytesOf(headers: Headers, body: Body): Promise<Uint8Array | undefined> {
  const declared = Number(headers["content-length"] ?? Number.NaN);
  if (declared <= sseLimits.maxEventBytes) return body.bytes();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > sseLimits.maxEventBytes) {
      body.destroy();
      return undefined;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function streamReply(status: number, headers: Headers, body: Body, leash: Leash): Reply {
  async function* events(): AsyncGenerator<SseEvent> {
    try {
      yield* readSse(body);
    } catch (thrown) {
      if (leash.isLate()) throw new Late();
      throw thrown;
    } finally {
      leash.release();
    }
  }
  const drop = () => {
    leash.release();
    // A body that is let go unread says so as an error, which nobody waits for.
    body.on("error", () => {});
    body.destroy();
  };
  return { kind: "stream", status, headers, events: events(), drop };
}

/** Thrown by a stream that did not end before the deadline. */
export class Late extends Error {}

/** Why a stream gave no answer. */
export function brokenStream(thrown: unknown): Answer & { kind: "lost" } {
  if (thrown instanceof Late) return { kind: "lost", reason: "the upstream did not answer in time" };
  if (thrown instanceof Flood) return { kind: "lost", reason: thrown.message };
  return { kind: "lost", reason: "the stream broke before an answer came" };
}

/** A message of an upstream; a string says why it cannot be used. */
export function parseUpstream(text: string): RpcMessage | string {
  try {
    const message = readRpc(parseJson(text, { maxBytes: sseLimits.maxEventBytes, maxDepth: 64 }));
    return typeof message === "string" ? `the upstream's answer is not JSON-RPC: ${message}` : message;
  } catch (thrown) {
    return thrown instanceof JsonFault
      ? `the upstream's answer cannot be read safely: ${thrown.message}`
      : "the upstream's answer cannot be read";
  }
}

function failure(thrown: unknown, late: boolean): Reply {
  if (late) return { kind: "lost", reason: "the upstream did not answer in time" };
  if (thrown instanceof Flood) return { kind: "lost", reason: thrown.message };
  const { code, syscall } = faultOf(thrown);
  const certain =
    beforeTheRequest.has(code) ||
    syscall === "connect" ||
    syscall === "getaddrinfo" ||
    /^(ERR_TLS|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO)/.test(code);
  if (certain) return { kind: "never_sent", reason: "the upstream could not be reached" };
  if (code === "UND_ERR_INVALID_ARG") return { kind: "never_sent", reason: "the request could not be written as HTTP" };
  return { kind: "lost", reason: "the connection broke before an answer came" };
}

function faultOf(thrown: unknown): { code: string; syscall: string } {
  if (typeof thrown !== "object" || thrown === null) return { code: "", syscall: "" };
  const code = "code" in thrown && typeof thrown.code === "string" ? thrown.code : "";
  const syscall = "syscall" in thrown && typeof thrown.syscall === "string" ? thrown.syscall : "";
  return { code, syscall };
}

// A server that answers one of these has not acted (RFC 9110, sections 15.4 and 15.5).
const refusedBeforeActing = new Set([
  400, 401, 402, 403, 404, 405, 406, 407, 411, 413, 414, 415, 417, 421, 426, 429, 431,
]);

/** What an answer without JSON-RPC in it makes certain. */
export function bareAnswer(status: number): Answer {
  // "See other" is how a server answers a deed that it has done (RFC 9110, section 15.4.4).
  if (status === 303) return { kind: "lost", reason: "the upstream answered HTTP 303, which may follow a deed" };
  if (status >= 300 && status < 400)
    return { kind: "never_sent", reason: `the upstream redirects (HTTP ${status}), which is not followed` };
  if (refusedBeforeActing.has(status))
    return { kind: "never_sent", reason: `the upstream refused the request (HTTP ${status})` };
  if (status === 409 || status === 410 || status === 412 || status === 422 || status === 451) {
    return { kind: "error", error: { code: rpcCodes.fault, message: `the upstream answered HTTP ${status}` } };
  }
  return { kind: "lost", reason: `the upstream answered HTTP ${status} and nothing that says what happened` };
}

/** The answer in a message, where the message is the answer to this id. */
export function answerIn(message: RpcMessage, id: RpcId): Answer | undefined {
  if (message.kind === "result" && message.id === id) return { kind: "answered", result: message.result };
  if (message.kind === "error" && (message.id === id || message.id === null))
    return { kind: "error", error: message.error };
  return undefined;
}
