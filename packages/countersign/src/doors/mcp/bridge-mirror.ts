import type { JsonObject } from "@countersign/contract";
import {
  encodeHeader,
  isObject,
  metaKeys,
  mirroredParams,
  mirroredText,
  namedBy,
  objectAt,
} from "../../execution/mcp/index.ts";

/** The headers that the stateless revision wants beside a body; a client over stdio does not send any. */
export interface Mirror {
  headers(
    method: string,
    params: JsonObject,
    list: (params: JsonObject) => Promise<JsonObject | undefined>,
  ): Promise<Record<string, string>>;
  /** Takes note of the schemas in an answer to `tools/list`. */
  learn(result: JsonObject): void;
}

const maxPages = 50;

export function createMirror(): Mirror {
  const schemas = new Map<string, JsonObject>();
  let complete = false;
  const learn = (result: JsonObject) => {
    const tools = Array.isArray(result.tools) ? result.tools.filter(isObject) : [];
    for (const tool of tools) if (typeof tool.name === "string") schemas.set(tool.name, objectAt(tool, "inputSchema"));
  };
  return {
    learn,
    async headers(method, params, list) {
      const version = objectAt(params, "_meta")[metaKeys.version];
      const headers: Record<string, string> = { "mcp-protocol-version": String(version), "mcp-method": method };
      const name = namedBy(method, params);
      if (name === undefined) return headers;
      headers["mcp-name"] = encodeHeader(name);
      if (method !== "tools/call") return headers;
      if (!schemas.has(name) && !complete) {
        await learnAll(list, learn);
        complete = true;
      }
      for (const { header, path } of mirroredParams(schemas.get(name) ?? {})) {
        const text = mirroredText(objectAt(params, "arguments"), path);
        if (text !== null) headers[`mcp-param-${header.toLowerCase()}`] = encodeHeader(text);
      }
      return headers;
    },
  };
}

async function learnAll(
  list: (params: JsonObject) => Promise<JsonObject | undefined>,
  learn: (result: JsonObject) => void,
): Promise<void> {
  let cursor: string | undefined;
  for (let page = 0; page < maxPages; page++) {
    const result = await list(cursor === undefined ? {} : { cursor });
    if (result === undefined) return;
    learn(result);
    if (typeof result.nextCursor !== "string") return;
    cursor = result.nextCursor;
  }
}
