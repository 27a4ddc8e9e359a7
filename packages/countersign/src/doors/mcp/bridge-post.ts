import type { Readable, Writable } from "node:stream";
import { Agent, request } from "undici";
import type { RpcId } from "../../execution/mcp/index.ts";
import type { Log } from "../../floor/log.ts";
import type { Secret } from "../../floor/secret.ts";
import type { Mirror } from "./bridge-mirror.ts";

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

export interface Bridge {
  readonly options: BridgeOptions;
  readonly agent: Agent;
  readonly running: Map<RpcId, AbortController>;
  readonly closing: AbortController;
  readonly mirror: Mirror;
  /** What opened the session, so that it can be opened again where the door has ended it. */
  opening: string | undefined;
  session: string | undefined;
  version: string | undefined;
  /** The session is being opened again: all that found it ended wait for the same new one. */
  reopening: Promise<void> | undefined;
}

export type HttpAnswer = Awaited<ReturnType<typeof request>>;

export function post(
  bridge: Bridge,
  method: "POST" | "GET" | "DELETE",
  body: string | undefined,
  headers: Record<string, string>,
  signal?: AbortSignal,
  connection = bridge.agent,
): Promise<HttpAnswer> {
  const { options, session, version } = bridge;
  return request(options.url, {
    dispatcher: connection,
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

export function connections(): Agent {
  return new Agent({ headersTimeout: 0, bodyTimeout: 0, connect: { timeout: 10_000 } });
}

/** On a connection of its own: what stands before the replicas may lead each connection to another. */
export async function anew<T>(work: (connection: Agent) => Promise<T>): Promise<T> {
  const connection = connections();
  try {
    return await work(connection);
  } finally {
    await connection.destroy();
  }
}

export async function* withEnd(
  bytes: AsyncIterable<Uint8Array>,
  then: () => Promise<void>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } finally {
    await then();
  }
}
