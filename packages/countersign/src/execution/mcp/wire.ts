import type { Json, JsonObject } from "@countersign/contract";

export type RpcId = string | number;

export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: Json;
}

/** One JSON-RPC message, told apart. `raw` is the message as it came. */
export type RpcMessage =
  | {
      readonly kind: "request";
      readonly id: RpcId;
      readonly method: string;
      readonly params: JsonObject;
      readonly raw: JsonObject;
    }
  | { readonly kind: "notification"; readonly method: string; readonly params: JsonObject; readonly raw: JsonObject }
  | { readonly kind: "result"; readonly id: RpcId; readonly result: JsonObject }
  | { readonly kind: "error"; readonly id: RpcId | null; readonly error: RpcError };

/** The revision without sessions, and those that open with `initialize`, newest first. */
export const modernVersion = "2026-07-28";
export const legacyVersions = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"] as const;
export type LegacyVersion = (typeof legacyVersions)[number];
export type Era = "modern" | "legacy";

export const metaKeys = {
  version: "io.modelcontextprotocol/protocolVersion",
  capabilities: "io.modelcontextprotocol/clientCapabilities",
  client: "io.modelcontextprotocol/clientInfo",
  server: "io.modelcontextprotocol/serverInfo",
  subscription: "io.modelcontextprotocol/subscriptionId",
  logLevel: "io.modelcontextprotocol/logLevel",
} as const;

export const rpcCodes = {
  parse: -32700,
  invalidRequest: -32600,
  noMethod: -32601,
  invalidParams: -32602,
  fault: -32603,
  headerMismatch: -32020,
  missingCapability: -32021,
  unsupportedVersion: -32022,
} as const;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isLegacyVersion(text: unknown): text is LegacyVersion {
  return typeof text === "string" && (legacyVersions as readonly string[]).includes(text);
}

/** The member where it is an object, else an empty one. */
export function objectAt(value: JsonObject, member: string): JsonObject {
  const found = value[member];
  return isObject(found) ? found : {};
}

/** What the value is as JSON-RPC; a string says why it is nothing of the kind. */
export function readRpc(value: Json): RpcMessage | string {
  if (!isObject(value)) return "a message must be one JSON object";
  if (value.jsonrpc !== "2.0") return 'a message needs `"jsonrpc": "2.0"`';
  const id = value.id;
  if (id !== undefined && id !== null && !isRpcId(id)) return "an id must be a string or an integer";
  if (value.method !== undefined) return readCall(value, id);
  if (isObject(value.result) && id !== undefined && id !== null) return { kind: "result", id, result: value.result };
  const error = value.error;
  if (isObject(error) && typeof error.code === "number" && typeof error.message === "string") {
    return { kind: "error", id: id ?? null, error: readError(error, error.code, error.message) };
  }
  return "a message needs a method, a result or an error";
}

function readCall(value: JsonObject, id: RpcId | null | undefined): RpcMessage | string {
  const { method, params } = value;
  if (typeof method !== "string" || method === "") return "a method must be a string";
  if (params !== undefined && !isObject(params)) return "params must be an object";
  if (id === null) return "an id must be a string or an integer";
  if (id === undefined) return { kind: "notification", method, params: params ?? {}, raw: value };
  return { kind: "request", id, method, params: params ?? {}, raw: value };
}

function readError(error: JsonObject, code: number, message: string): RpcError {
  return error.data === undefined ? { code, message } : { code, message, data: error.data };
}

function isRpcId(value: unknown): value is RpcId {
  return typeof value === "string" || (typeof value === "number" && Number.isInteger(value));
}
