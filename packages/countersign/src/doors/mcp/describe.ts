import type { JsonObject } from "@countersign/contract";
import { metaKeys, modernVersion, objectAt, type ServerSelf } from "../../execution/mcp/index.ts";
import { gateWords } from "./gate-words.ts";
import type { RpcCall } from "./rpc-call.ts";
import { requireRun } from "./run-of.ts";
import { screen } from "./screen.ts";
import { type McpSetting, planeName, tasksExtension } from "./setting.ts";
import { soon } from "./soon.ts";

const describeMs = 5_000;

/** What this address can do, for a client of the stateless revision. */
export async function describe(call: RpcCall): Promise<JsonObject> {
  await requireRun(call);
  const selves = await selvesOf(call);
  return {
    resultType: "complete",
    supportedVersions: [modernVersion],
    ...introduction(call, selves),
    ttlMs: 5_000,
    cacheScope: "private",
    _meta: { [metaKeys.server]: nameOf(call, selves) },
  };
}

/** Capabilities and what an agent should know: of the gate, or, where the address stands in for one server, that server's own words. */
export function introduction(call: RpcCall, selves: readonly ServerSelf[]): JsonObject {
  const only = call.scope.transparent ? selves[0] : undefined;
  const capabilities = only === undefined ? merged(call, selves) : without(only.capabilities);
  // A server's instructions would reach the model unreviewed; only an address that stands in for the server passes them.
  if (!call.scope.transparent) return { capabilities, instructions: gateWords(call) };
  return only?.instructions === undefined ? { capabilities } : { capabilities, instructions: only.instructions };
}

export function nameOf(call: RpcCall, selves: readonly ServerSelf[]): JsonObject {
  const info = call.scope.transparent ? selves[0]?.info : undefined;
  return typeof info?.name === "string" ? info : planeName;
}

/** What the servers of this address say of themselves; those that cannot be reached say nothing. */
async function selvesOf(call: RpcCall): Promise<readonly ServerSelf[]> {
  const { scope, setting, caller } = call;
  const found = await Promise.all(
    scope.servers.map(async (server) => {
      const self = setting.upstreams.of(server, caller.workflow, caller.onBehalfOf)?.self();
      return self === undefined
        ? undefined
        : soon(
            self.then((said) => screenSelf(setting, said)).catch(() => undefined),
            describeMs,
          );
    }),
  );
  return found.filter((self) => self !== undefined);
}

/** What a server says of itself, without secrets. */
export function screenSelf(setting: McpSetting, { capabilities, info, instructions }: ServerSelf): ServerSelf {
  const said = { capabilities, info, ...(instructions === undefined ? {} : { instructions }) };
  const clean = screen(setting, said);
  return {
    capabilities: objectAt(clean, "capabilities"),
    info: objectAt(clean, "info"),
    ...(typeof clean.instructions === "string" ? { instructions: clean.instructions } : {}),
  };
}

function merged(call: RpcCall, selves: readonly ServerSelf[]): JsonObject {
  const all = selves.map((self) => self.capabilities);
  const any = (member: string) => all.some((capabilities) => capabilities[member] !== undefined);
  const said = (member: string, flag: string) =>
    all.some((capabilities) => objectAt(capabilities, member)[flag] === true);
  return {
    tools: { listChanged: true },
    ...(any("prompts") ? { prompts: { listChanged: said("prompts", "listChanged") } } : {}),
    ...(any("resources")
      ? { resources: { listChanged: said("resources", "listChanged"), subscribe: said("resources", "subscribe") } }
      : {}),
    ...(any("completions") ? { completions: {} } : {}),
    ...(any("logging") && call.era === "legacy" ? { logging: {} } : {}),
    ...(call.era === "modern" ? { extensions: { [tasksExtension]: {} } } : {}),
  };
}

/** An upstream's tasks are not passed through: the plane would not see what they end in. */
function without(capabilities: JsonObject): JsonObject {
  const { tasks: _, extensions, ...rest } = capabilities;
  const { [tasksExtension]: __, ...others } = objectAt({ extensions: extensions ?? {} }, "extensions");
  return Object.keys(others).length === 0 ? rest : { ...rest, extensions: others };
}
