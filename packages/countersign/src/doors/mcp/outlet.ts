import type { ServerResponse } from "node:http";
import type { Json, JsonObject } from "@countersign/contract";
import type { RpcError, RpcId } from "../../execution/mcp/index.ts";

/** What one request is answered with. */
export type Outcome = { readonly result: JsonObject } | { readonly error: RpcError; readonly status?: number };

/** Where the messages of one request go. */
export interface Outlet {
  /** A notification before the answer; dropped where the client takes no stream. */
  notify(message: JsonObject): void;
  /** A request to the client, where its era knows such a thing. */
  ask(message: JsonObject): Promise<JsonObject>;
  /** Opens the stream before there is anything to say. False where the client takes none. */
  begin(): boolean;
  /** Lets the client come back for the rest, where its era knows how. */
  letGo(): void;
  finish(id: RpcId | null, outcome: Outcome): void;
  /** Called once the answer has left, not where the connection broke before. */
  onDelivered(then: () => void): void;
}

export function rpcResponse(id: RpcId | null, outcome: Outcome): JsonObject {
  if ("result" in outcome) return { jsonrpc: "2.0", id, result: outcome.result };
  const { code, message, data } = outcome.error;
  return { jsonrpc: "2.0", id, error: data === undefined ? { code, message } : { code, message, data } };
}

export function writeJson(
  response: ServerResponse,
  status: number,
  value: Json,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent || response.destroyed) return;
  const body = JSON.stringify(value);
  response.writeHead(status, {
    "content-type": "application/json",
    "cache-control": "no-store",
    ...headers,
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
}

export function writeEmpty(response: ServerResponse, status: number): void {
  if (!response.headersSent) response.writeHead(status).end();
}

/** Nothing follows an end, whoever ended it. */
export function writeOn(response: ServerResponse, text: string): void {
  if (!response.writableEnded) response.write(text);
}

export function beginStream(response: ServerResponse, headers: Readonly<Record<string, string>> = {}): void {
  if (response.headersSent) return;
  response.writeHead(200, {
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
    ...headers,
  });
  response.flushHeaders();
}

export function sseText(value: Json, id?: string): string {
  return `${id === undefined ? "" : `id: ${id}\n`}event: message\ndata: ${JSON.stringify(value)}\n\n`;
}

const keepAliveMs = 15_000;

/** The stateless revision: plain JSON until something must be said before the answer. */
export function modernOutlet(response: ServerResponse, takesStream: boolean): Outlet {
  let keepAlive: NodeJS.Timeout | undefined;
  const begin = (): boolean => {
    if (!takesStream || response.destroyed || response.writableEnded) return false;
    if (response.headersSent) return true;
    beginStream(response);
    keepAlive = setInterval(() => writeOn(response, ": \n\n"), keepAliveMs).unref();
    response.once("close", () => clearInterval(keepAlive));
    return true;
  };
  return {
    begin,
    notify(message) {
      if (begin()) response.write(sseText(message));
    },
    ask: async () => ({ error: { code: -32601, message: "the client cannot be asked in this revision" } }),
    letGo() {},
    finish(id, outcome) {
      clearInterval(keepAlive);
      if (response.writableEnded) return;
      const body = rpcResponse(id, outcome);
      if (response.headersSent) response.end(sseText(body));
      else writeJson(response, "error" in outcome ? (outcome.status ?? 200) : 200, body);
    },
    onDelivered(then) {
      if (!response.writableEnded) response.once("finish", then);
    },
  };
}
