import type { JsonObject } from "@countersign/contract";
import { name } from "@countersign/contract/api";
import type { Submission } from "../../action/submission.ts";
import { isObject, metaKeys, objectAt, rpcCodes } from "../../execution/mcp/index.ts";
import { serverOfResource } from "./lists.ts";
import { behindName } from "./names.ts";
import { Rejection } from "./rejection.ts";
import type { RpcCall } from "./rpc-call.ts";
import { runOf } from "./run-of.ts";
import { ownMeta, tasksExtension } from "./setting.ts";

/** The methods that may have an effect or let something out: each is an action that the hall decides. */
const governedMethods = [
  "tools/call",
  "resources/read",
  "resources/subscribe",
  "prompts/get",
  "completion/complete",
] as const;
export type GovernedMethod = (typeof governedMethods)[number];

export function isGoverned(method: string): method is GovernedMethod {
  return (governedMethods as readonly string[]).includes(method);
}

/** What the agent asks for, as the hall takes it: the server's own names, no bookkeeping of the protocol. */
export async function toSubmission(call: RpcCall, method: GovernedMethod): Promise<Submission> {
  const found = await locate(call, method);
  const { _meta: _, ...plain } = found.params;
  const meta = objectAt(call.params, "_meta");
  const own = (name: string) => {
    const value = meta[ownMeta + name];
    return typeof value === "string" && value.length <= 4_096 ? value : undefined;
  };
  const [key, run, claim] = [own("idempotency-key") ?? call.idempotencyKey, runOf(call), own("why")];
  const environment = environmentIn(meta);
  return {
    server: found.server,
    tool: found.tool,
    method,
    params: { ...plain, _meta: outgoingMeta(call, meta) },
    args: method === "tools/call" ? toolArguments(plain) : withoutState(plain),
    door: "mcp",
    ...(key === undefined ? {} : { idempotencyKey: key }),
    ...(run === undefined ? {} : { run }),
    ...(claim === undefined ? {} : { claim }),
    ...(environment === undefined ? {} : { claimedEnvironment: environment }),
  };
}

/** What the agent says the environment is. What is no name is never left out: it would be a check that did not happen. */
function environmentIn(meta: JsonObject): string | undefined {
  const member = `${ownMeta}environment`;
  const given = meta[member];
  if (given === undefined) return undefined;
  const read = name.safeParse(given);
  if (read.success) return read.data;
  throw new Rejection(200, rpcCodes.invalidParams, `\`${member}\` must be the name of an environment`);
}

interface Located {
  readonly server: string;
  readonly tool: string;
  readonly params: JsonObject;
}

async function locate(call: RpcCall, method: GovernedMethod): Promise<Located> {
  const { params } = call;
  if (method === "tools/call" || method === "prompts/get") {
    const shown = text(params, "name");
    const named = behindName(call.scope, shown);
    // `mcp:` names stand for methods in policies; a server that lists one as a tool does not get it called.
    if (named === undefined || (method === "tools/call" && named.name.startsWith("mcp:")))
      throw new Rejection(200, rpcCodes.invalidParams, `there is no \`${shown.slice(0, 200)}\` here`);
    return {
      server: named.server,
      tool: method === "tools/call" ? named.name : `mcp:${method}`,
      params: { ...params, name: named.name },
    };
  }
  if (method !== "completion/complete") {
    return { server: await serverOfResource(call, text(params, "uri")), tool: `mcp:${method}`, params };
  }
  const ref = objectAt(params, "ref");
  if (ref.type === "ref/resource")
    return { server: await serverOfResource(call, text(ref, "uri")), tool: `mcp:${method}`, params };
  const named = behindName(call.scope, text(ref, "name"));
  if (named === undefined) throw new Rejection(200, rpcCodes.invalidParams, "there is no such prompt here");
  return { server: named.server, tool: `mcp:${method}`, params: { ...params, ref: { ...ref, name: named.name } } };
}

function text(params: JsonObject, member: string): string {
  const value = params[member];
  if (typeof value === "string" && value !== "") return value;
  throw new Rejection(400, rpcCodes.invalidParams, `\`${member}\` must be a string`);
}

function toolArguments(params: JsonObject): JsonObject {
  const args = params.arguments;
  if (args === undefined) return {};
  if (isObject(args)) return args;
  throw new Rejection(400, rpcCodes.invalidParams, "`arguments` must be an object");
}

/** The arguments of the other methods: all of the params but what only carries the exchange itself. */
function withoutState(params: JsonObject): JsonObject {
  const { _meta: _, requestState: __, inputResponses: ___, ...rest } = params;
  return rest;
}

/** What travels on to the server: never the plane's own members, and not an extension that the plane answers itself. */
function outgoingMeta(call: RpcCall, meta: JsonObject): JsonObject {
  const kept = Object.fromEntries(
    Object.entries(meta).filter(([name]) => !name.startsWith(ownMeta) && name !== metaKeys.version),
  );
  const { [tasksExtension]: _, ...extensions } = objectAt(call.capabilities, "extensions");
  const capabilities = "extensions" in call.capabilities ? { ...call.capabilities, extensions } : call.capabilities;
  // A client may keep its name to itself; the connector then gives its own.
  const client = typeof call.client.name === "string" ? { [metaKeys.client]: call.client } : {};
  return { ...kept, ...client, [metaKeys.capabilities]: capabilities };
}
