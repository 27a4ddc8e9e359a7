import type { JsonObject } from "@countersign/contract";
import type { Answer } from "../connector.ts";
import { encodeHeader, mirroredParams, mirroredText, namedBy } from "./header.ts";
import { answerIn, bareAnswer, brokenStream, parseUpstream, type Reply, ship } from "./http.ts";
import type { Ask, Link, LinkContext, ServerSelf } from "./link.ts";
import type { HttpTarget } from "./target.ts";
import { metaKeys, modernVersion, objectAt, type RpcId } from "./wire.ts";

/** The stateless address of revision 2026-07-28: version and capabilities ride in every request. */
export function modernHttpLink(target: HttpTarget, self: ServerSelf, context: LinkContext): Link {
  let lastId = 0;
  return {
    era: "modern",
    self,
    async ask(ask) {
      // Subscribing is what the listen stream does here; the deed that is decided on has no message of its own.
      if (ask.method === "resources/subscribe") return { kind: "answered", result: {} };
      lastId += 1;
      return modernAsk(target, lastId, ask, context);
    },
    async tell() {},
    alive: () => true,
    async close() {},
  };
}

/** One request of the newer revision over HTTP. */
export async function modernAsk(target: HttpTarget, id: RpcId, ask: Ask, context: LinkContext): Promise<Answer> {
  const params = withMeta(ask.params);
  const reply = await ship(target, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": modernVersion,
      "mcp-method": ask.method,
      ...(await nameHeaders(ask.method, params, context)),
    },
    body: JSON.stringify({ jsonrpc: "2.0", id, method: ask.method, params }),
    deadlineMs: ask.deadlineMs,
    ...(ask.signal === undefined ? {} : { signal: ask.signal }),
    ...(ask.whyNot === undefined ? {} : { whyNot: ask.whyNot }),
  });
  return settle(reply, id, ask, context);
}

function withMeta(params: JsonObject): JsonObject {
  const meta = objectAt(params, "_meta");
  return {
    ...params,
    _meta: {
      [metaKeys.client]: { name: "countersign", version: "0.1.0" },
      ...meta,
      [metaKeys.version]: modernVersion,
      [metaKeys.capabilities]: objectAt(meta, metaKeys.capabilities),
    },
  };
}

async function nameHeaders(method: string, params: JsonObject, context: LinkContext): Promise<Record<string, string>> {
  const headers: Record<string, string> = {};
  const name = namedBy(method, params);
  if (name === undefined) return headers;
  headers["mcp-name"] = encodeHeader(name);
  if (method !== "tools/call") return headers;
  const schema = await context.schemaOf(name);
  for (const { header, path } of schema === undefined ? [] : mirroredParams(schema)) {
    const text = mirroredText(objectAt(params, "arguments"), path);
    if (text !== null) headers[`mcp-param-${header.toLowerCase()}`] = encodeHeader(text);
  }
  return headers;
}

async function settle(reply: Reply, id: RpcId, ask: Ask, context: LinkContext): Promise<Answer> {
  if (reply.kind === "never_sent" || reply.kind === "lost") return reply;
  if (reply.kind === "bare") return bareAnswer(reply.status);
  if (reply.kind === "message") {
    const answer = answerIn(reply.message, id);
    if (answer !== undefined) return answer;
    return { kind: "lost", reason: "the upstream answered another request than the one that was sent" };
  }
  try {
    for await (const event of reply.events) {
      if (event.data === "") continue;
      const message = parseUpstream(event.data);
      if (typeof message === "string") return { kind: "lost", reason: message };
      const answer = answerIn(message, id);
      if (answer !== undefined) return answer;
      if (message.kind === "notification") ask.relay?.notify(message.raw);
      else context.log.warn({ server: context.server }, "an upstream sent a request where its revision forbids it");
    }
  } catch (thrown) {
    return brokenStream(thrown);
  }
  return { kind: "lost", reason: "the stream ended before an answer came" };
}
