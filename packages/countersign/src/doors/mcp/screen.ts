import type { JsonObject } from "@countersign/contract";
import type { RpcError } from "../../execution/mcp/index.ts";
import { isObject } from "../../execution/mcp/index.ts";
import type { McpSetting } from "./setting.ts";

type Redacting = Pick<McpSetting, "redact">;

/** Words of a server that no action carries, such as lists and instructions, without secrets; empty where they cannot be scanned. */
export function screen(setting: Redacting, value: JsonObject): JsonObject {
  const clean = setting.redact(value).value;
  return isObject(clean) ? clean : {};
}

/** A notification of a server without secrets; the protocol's own members stay. */
export function screenMessage(setting: Redacting, message: JsonObject): JsonObject {
  const { params } = message;
  if (!isObject(params)) return message;
  const clean = screen(setting, params);
  return clean === params ? message : { ...message, params: clean };
}

export function screenError(setting: Redacting, error: RpcError): RpcError {
  const { code, message, data } = error;
  const clean = setting.redact({ message, ...(data === undefined ? {} : { data }) }).value;
  if (!isObject(clean) || typeof clean.message !== "string") return { code, message: "the server's error is withheld" };
  return { code, message: clean.message, ...(clean.data === undefined ? {} : { data: clean.data }) };
}
