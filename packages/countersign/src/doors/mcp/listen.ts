import type { JsonObject } from "@countersign/contract";
import { metaKeys, objectAt, rpcCodes, type Upstream } from "../../execution/mcp/index.ts";
import { serverOfResource } from "./lists.ts";
import type { Outcome } from "./outlet.ts";
import { Rejection } from "./rejection.ts";
import type { RpcCall } from "./rpc-call.ts";
import { screenMessage } from "./screen.ts";
import { toSubmission } from "./target.ts";

const flags = {
  toolsListChanged: "notifications/tools/list_changed",
  promptsListChanged: "notifications/prompts/list_changed",
  resourcesListChanged: "notifications/resources/list_changed",
} as const;

const maxUris = 100;

/** A stream of the changes that the client asked for, until it closes the stream. */
export async function listen(call: RpcCall): Promise<Outcome> {
  const wanted = objectAt(call.params, "notifications");
  const uris = wanted.resourceSubscriptions ?? [];
  if (!Array.isArray(uris) || uris.length > maxUris || !uris.every((uri) => typeof uri === "string")) {
    throw new Rejection(400, rpcCodes.invalidParams, `\`resourceSubscriptions\` must be at most ${maxUris} addresses`);
  }
  if (!call.outlet.begin())
    throw new Rejection(406, rpcCodes.invalidRequest, "the client must accept `text/event-stream`");
  const granted = await grantedUris(call, uris);
  const kinds = new Set(
    Object.entries(flags).flatMap(([flag, method]) => (wanted[flag] === true ? [method as string] : [])),
  );
  const tell = (said: JsonObject) => {
    const message = screenMessage(call.setting, said);
    const params = objectAt(message, "params");
    call.outlet.notify({
      ...message,
      params: { ...params, _meta: { ...objectAt(params, "_meta"), [metaKeys.subscription]: call.id } },
    });
  };
  const agreed = Object.fromEntries(
    Object.entries(flags).flatMap(([flag, method]) => (kinds.has(method) ? [[flag, true]] : [])),
  );
  const filter = granted.size === 0 ? agreed : { ...agreed, resourceSubscriptions: [...granted.keys()] };
  tell({ jsonrpc: "2.0", method: "notifications/subscriptions/acknowledged", params: { notifications: filter } });
  await untilClosed(call, kinds, granted, tell);
  return { result: { resultType: "complete", _meta: { [metaKeys.subscription]: call.id } } };
}

/** Following a resource shows when it changes, so each address is an action that is decided. */
async function grantedUris(call: RpcCall, uris: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const granted = new Map<string, string>();
  for (const uri of uris) {
    const one = { ...call, method: "resources/subscribe", params: { ...call.params, uri } };
    const submission = await toSubmission(one, "resources/subscribe");
    const { uri: _, ...meta } = submission.params;
    const asked = { ...submission, params: { uri, _meta: objectAt(meta, "_meta") }, args: { uri } };
    const { view } = await call.setting.hall.submit(call.caller, asked, { signal: call.signal, waitMs: 0 });
    if (view.state === "done") granted.set(uri, await serverOfResource(one, uri));
    call.setting.hall.delivered(view);
  }
  return granted;
}

async function untilClosed(
  call: RpcCall,
  kinds: ReadonlySet<string>,
  granted: ReadonlyMap<string, string>,
  tell: (message: JsonObject) => void,
): Promise<void> {
  const { scope, setting, caller, signal } = call;
  const heard = (message: JsonObject) => {
    const { uri } = objectAt(message, "params");
    const followed =
      message.method === "notifications/resources/updated" && typeof uri === "string" && granted.has(uri);
    if (followed || kinds.has(String(message.method))) tell(message);
  };
  const upstreams = scope.servers.flatMap(
    (server) => setting.upstreams.of(server, caller.workflow, caller.onBehalfOf) ?? [],
  );
  const stops = upstreams.map((upstream) => upstream.onMessage(heard));
  for (const upstream of upstreams) {
    // Opening the upstream starts its own following of changes.
    upstream.self().catch(() => undefined);
    follow(
      upstream,
      [...granted].filter(([, server]) => server === upstream.server).map(([uri]) => uri),
      heard,
      signal,
    ).catch(() => setting.log.warn({ server: upstream.server }, "resources cannot be followed"));
  }
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  for (const stop of stops) stop();
}

/** Servers of the newer revision tell of resources on a stream of their own. */
async function follow(
  upstream: Upstream,
  uris: readonly string[],
  heard: (message: JsonObject) => void,
  signal: AbortSignal,
): Promise<void> {
  if (uris.length === 0 || !(await upstream.isModern())) return;
  const relay = {
    notify: heard,
    request: async () => ({ error: { code: rpcCodes.noMethod, message: "no client is connected" } }),
  };
  const params = { notifications: { resourceSubscriptions: uris } };
  await upstream.request("subscriptions/listen", params, { relay, signal, deadlineMs: 86_400_000 });
}
