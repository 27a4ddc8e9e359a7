import type { IncomingMessage } from "node:http";
import type { JsonObject } from "@countersign/contract";
import {
  decodeHeader,
  isObject,
  metaKeys,
  mirroredParams,
  mirroredText,
  mirrors,
  modernVersion,
  namedBy,
  objectAt,
  type RpcMessage,
  rpcCodes,
} from "../../execution/mcp/index.ts";
import { describe } from "./describe.ts";
import { listen } from "./listen.ts";
import { definitionOf, isListMethod, list } from "./lists.ts";
import { behindName } from "./names.ts";
import type { Outcome } from "./outlet.ts";
import { perform } from "./perform.ts";
import { Rejection } from "./rejection.ts";
import type { RpcCall } from "./rpc-call.ts";
import { isGoverned } from "./target.ts";
import { isTaskMethod, onTask } from "./tasks.ts";

/** Whether a request claims the stateless revision, rightly or not: then its rules decide what is wrong with it. */
export function claimsModern(request: IncomingMessage, message: RpcMessage): boolean {
  const version = header(request, "mcp-protocol-version");
  if (version !== undefined && version >= modernVersion && request.headers["mcp-session-id"] === undefined) return true;
  if (message.kind !== "request") return request.headers["mcp-method"] !== undefined;
  return message.method === "server/discover" || metaKeys.version in objectAt(message.params, "_meta");
}

/** Compares the headers with the body, which alone decides: a disagreement means that two readers saw two requests. */
export function guardModern(request: IncomingMessage, method: string, params: JsonObject): void {
  const meta = params._meta;
  const version = isObject(meta) ? meta[metaKeys.version] : undefined;
  if (typeof version !== "string")
    throw new Rejection(400, rpcCodes.invalidParams, `\`_meta\` must hold \`${metaKeys.version}\``);
  if (!isObject(objectAt(params, "_meta")[metaKeys.capabilities])) {
    throw new Rejection(400, rpcCodes.invalidParams, `\`_meta\` must hold \`${metaKeys.capabilities}\``);
  }
  if (header(request, "mcp-protocol-version") !== version) throw mismatch("MCP-Protocol-Version");
  if (version !== modernVersion) {
    throw new Rejection(400, rpcCodes.unsupportedVersion, "this revision is not spoken here", {
      supported: [modernVersion],
      requested: version,
    });
  }
  if (header(request, "mcp-method") !== method) throw mismatch("Mcp-Method");
  const name = namedBy(method, params);
  const shown = header(request, "mcp-name");
  if (name !== undefined && (shown === undefined || decodeHeader(shown) !== name)) throw mismatch("Mcp-Name");
}

function mismatch(name: string): Rejection {
  return new Rejection(
    400,
    rpcCodes.headerMismatch,
    `the header ${name} is missing or does not say what the body says`,
  );
}

/** One header, where it was sent once. */
function header(request: IncomingMessage, name: string): string | undefined {
  const values = request.headersDistinct[name];
  return values?.length === 1 ? values[0] : undefined;
}

/** Checks the arguments that a tool's schema asks to see repeated in headers. */
async function guardMirrored(request: IncomingMessage, call: RpcCall): Promise<void> {
  const named = behindName(call.scope, String(call.params.name));
  const definition = named === undefined ? undefined : await definitionOf(call, named.server, named.name);
  for (const { header: name, path } of definition === undefined ? [] : mirroredParams(definition.inputSchema)) {
    const expected = mirroredText(objectAt(call.params, "arguments"), path);
    const found = header(request, `mcp-param-${name.toLowerCase()}`);
    if (expected === null && found === undefined) continue;
    const text = found === undefined ? null : decodeHeader(found);
    if (expected === null || text === null || !mirrors(text, expected)) throw mismatch(`Mcp-Param-${name}`);
  }
}

export async function answerModern(request: IncomingMessage, call: RpcCall): Promise<Outcome> {
  const { method } = call;
  if (method === "server/discover") return { result: await describe(call) };
  if (method === "subscriptions/listen") return listen(call);
  if (isListMethod(method)) return list(call, method);
  if (isTaskMethod(method) && !call.scope.transparent) return onTask(call, method);
  if (isGoverned(method) && method !== "resources/subscribe") {
    if (method === "tools/call") await guardMirrored(request, call);
    return perform(call, method);
  }
  throw new Rejection(404, rpcCodes.noMethod, `there is no method \`${method.slice(0, 100)}\` in this revision`);
}
