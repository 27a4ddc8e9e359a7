import type { JsonObject } from "@countersign/contract";
import type { Definition } from "../../catalog/tool.ts";
import { listAll, rpcCodes, type Upstream } from "../../execution/mcp/index.ts";
import { digestText } from "../../floor/digest.ts";
import { Problem } from "../../floor/problem.ts";
import { isPrintable, shownName } from "./names.ts";
import type { Outcome } from "./outlet.ts";
import { asRejection, Rejection } from "./rejection.ts";
import type { RpcCall } from "./rpc-call.ts";
import { requireRun, runOf } from "./run-of.ts";
import { screen } from "./screen.ts";
import { actionTool } from "./setting.ts";
import { soon } from "./soon.ts";

const kinds = {
  "tools/list": { member: "tools", governs: undefined, named: true },
  "prompts/list": { member: "prompts", governs: "mcp:prompts/get", named: true },
  "resources/list": { member: "resources", governs: "mcp:resources/read", named: false },
  "resources/templates/list": { member: "resourceTemplates", governs: "mcp:resources/read", named: false },
} as const;

const othersMs = 8_000;

export type ListMethod = keyof typeof kinds;

export function isListMethod(method: string): method is ListMethod {
  return Object.hasOwn(kinds, method);
}

/** One page of what this caller could ever be allowed, in an order that does not change between calls. */
export async function list(call: RpcCall, method: ListMethod): Promise<Outcome> {
  await requireRun(call);
  const all = await everything(call, method);
  const { pageSize } = call.setting.config;
  const mark = digestText(all.map((item) => JSON.stringify(item.name ?? item.uri ?? item.uriTemplate)).join()).slice(
    7,
    23,
  );
  const from = offsetOf(call.params.cursor, mark);
  const more =
    from + pageSize < all.length ? { nextCursor: Buffer.from(`${mark}.${from + pageSize}`).toString("base64url") } : {};
  const modern = call.era === "modern" ? { resultType: "complete", ttlMs: 5_000, cacheScope: "private" } : {};
  return { result: { ...modern, [kinds[method].member]: all.slice(from, from + pageSize), ...more } };
}

function offsetOf(cursor: unknown, mark: string): number {
  if (cursor === undefined) return 0;
  const text =
    typeof cursor === "string" && cursor.length < 100 ? Buffer.from(cursor, "base64url").toString("latin1") : "";
  const [seen, offset] = text.split(".");
  if (seen !== mark || offset === undefined || !/^\d{1,6}$/.test(offset)) {
    throw new Rejection(
      200,
      rpcCodes.invalidParams,
      "the cursor is not one of this list, or the list has changed; start again without it",
    );
  }
  return Number(offset);
}

async function everything(call: RpcCall, method: ListMethod): Promise<readonly JsonObject[]> {
  const { scope } = call;
  const lists = await Promise.all([...scope.servers].sort().map((server) => ofServer(call, method, server)));
  const items = lists.flat();
  if (method !== "tools/list" || scope.transparent) return items;
  return [...items, planeTool];
}

async function ofServer(call: RpcCall, method: ListMethod, server: string): Promise<readonly JsonObject[]> {
  const { setting, caller, scope } = call;
  const { member, governs, named } = kinds[method];
  if (governs !== undefined && !setting.hall.mayEver(caller, server, governs)) return [];
  const upstream = setting.upstreams.of(server, caller.workflow, caller.onBehalfOf);
  if (upstream === undefined) return [];
  try {
    const work = method === "tools/list" ? toolsOf(call, server) : fetchList(upstream, method, member);
    const items = scope.single === undefined ? await soon(work, othersMs) : await work;
    if (items === undefined) throw new Problem("unavailable", "the server's list did not come in time");
    const run = runOf(call);
    if (run !== undefined && governs !== undefined && items.length > 0)
      await setting.hall.listed(caller, run, server, governs);
    return items
      .map((item) => screen(setting, item))
      .filter((item) => allowed(call, server, item, method))
      .map((item) => (named ? { ...item, name: shownName(scope, server, String(item.name)) } : item))
      .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  } catch (thrown) {
    // One server that cannot be reached must not hide the others.
    if (scope.single !== undefined) throw thrown;
    setting.log.warn({ server, cause: asRejection(thrown).message }, "a server's list is left out");
    return [];
  }
}

async function toolsOf(call: RpcCall, server: string): Promise<readonly JsonObject[]> {
  return (await call.setting.definitions(server)) as readonly object[] as readonly JsonObject[];
}

function fetchList(upstream: Upstream, method: ListMethod, member: string): Promise<readonly JsonObject[]> {
  return listAll((params) => upstream.request(method, params), member);
}

function allowed(call: RpcCall, server: string, item: JsonObject, method: ListMethod): boolean {
  const key = keyOf(item);
  if (key === "" || !isPrintable(key)) return false;
  return method !== "tools/list" || (key !== actionTool && call.setting.hall.mayEver(call.caller, server, key));
}

function keyOf(item: JsonObject): string {
  const key = item.uriTemplate ?? item.uri ?? item.name;
  return typeof key === "string" ? key : "";
}

const planeTool: JsonObject = {
  name: actionTool,
  title: "Ask about an action",
  description:
    "Asks countersign what became of an action that was held for an approval: its result if it has run, else its state, who can approve it and what they asked back. With `reply` it answers such a question.",
  inputSchema: {
    type: "object",
    properties: {
      id: { type: "string", description: "the action's id, as the held answer gave it" },
      reply: { type: "string", maxLength: 4000, description: "the answer to what a person asked back about it" },
      question: {
        type: "integer",
        minimum: 1,
        description: "the number of the question; the oldest open one if absent",
      },
    },
    required: ["id"],
    additionalProperties: false,
  },
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
};

/** Which server a resource belongs to: on the address of all servers, the one that lists it or whose template fits. */
export async function serverOfResource(call: RpcCall, uri: string): Promise<string> {
  const { scope, setting, caller } = call;
  if (scope.single !== undefined) return scope.single;
  for (const server of [...scope.servers].sort()) {
    const upstream = setting.upstreams.of(server, caller.workflow, caller.onBehalfOf);
    if (upstream === undefined || !setting.hall.mayEver(caller, server, "mcp:resources/read")) continue;
    const [resources, templates] = await Promise.all([
      fetchList(upstream, "resources/list", "resources").catch(() => []),
      fetchList(upstream, "resources/templates/list", "resourceTemplates").catch(() => []),
    ]);
    if (resources.some((item) => item.uri === uri)) return server;
    if (templates.some((item) => fits(item.uriTemplate, uri))) return server;
  }
  throw new Rejection(200, rpcCodes.invalidParams, "there is no such resource here", { uri });
}

function fits(template: unknown, uri: string): boolean {
  if (typeof template !== "string") return false;
  if (template === uri) return true;
  const parts = template.split(/\{[^{}]*\}/);
  let at = 0;
  for (const part of parts) {
    const found = uri.indexOf(part, at);
    if (found < 0 || (at === 0 && part === parts[0] && found !== 0)) return false;
    at = found + part.length;
  }
  return parts.at(-1) === "" || at === uri.length;
}

/** The reviewed definition of the tool behind a call. */
export async function definitionOf(call: RpcCall, server: string, tool: string): Promise<Definition | undefined> {
  const definitions = await call.setting.definitions(server).catch(() => []);
  return definitions.find((definition) => definition.name === tool);
}
