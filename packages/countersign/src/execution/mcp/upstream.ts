import type { JsonObject } from "@countersign/contract";
import { Agent } from "undici";
import type { Definition } from "../../catalog/tool.ts";
import type { Clock } from "../../floor/clock.ts";
import type { Log } from "../../floor/log.ts";
import { Problem } from "../../floor/problem.ts";
import type { Secret } from "../../floor/secret.ts";
import type { Answer, Connector, Relay } from "../connector.ts";
import type { StdioConfig } from "./child.ts";
import type { HttpTarget } from "./http.ts";
import { openLegacyHttp } from "./legacy-http.ts";
import { type ClientSide, type Link, type LinkContext, type ServerSelf, silentSide } from "./link.ts";
import { listAll } from "./list-all.ts";
import { modernHttpLink } from "./modern-http.ts";
import { probe, type Verdict, verdictTtlMs } from "./probe.ts";
import { openStdio } from "./stdio.ts";
import { isObject, legacyVersions, objectAt } from "./wire.ts";

export interface HttpConfig {
  readonly transport: "http";
  readonly url: string;
  readonly headers: Readonly<Record<string, Secret>>;
  /** Where the credential is not a fixed header: asked at each request. */
  readonly credentials?: {
    readonly headers: () => Promise<Readonly<Record<string, Secret>>>;
    readonly refused: () => void;
  };
}

export type UpstreamConfig = { readonly server: string } & (HttpConfig | StdioConfig);

export interface RequestOptions {
  readonly session?: string;
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
  readonly relay?: Relay;
}

/** One upstream server as one workflow sees it. */
export interface Upstream extends Connector {
  readonly server: string;
  /** What is no effect: lists, levels, subscriptions. */
  request(method: string, params: JsonObject, options?: RequestOptions): Promise<Answer>;
  tell(method: string, params: JsonObject, session: string): Promise<void>;
  self(): Promise<ServerSelf>;
  /** The server's tools exactly as it gave them. Throws `unavailable` where it cannot be asked. */
  definitions(): Promise<readonly Definition[]>;
  /** Whether requests go to the stateless revision, for this session or without one. */
  isModern(session?: string): Promise<boolean>;
  /** Opens a session of the older era on behalf of one agent's session, where the upstream has that era. */
  attach(session: string, client: ClientSide): Promise<ServerSelf>;
  detach(session: string): Promise<void>;
  onMessage(heard: (message: JsonObject) => void): () => void;
  close(): Promise<void>;
}

export interface UpstreamTools {
  readonly log: Log;
  readonly clock: Clock;
}

const definitionsTtlMs = 60_000;
const listMs = 20_000;

/** Opens nothing yet: processes start and addresses are probed at the first use. */
export function openUpstream(config: UpstreamConfig, tools: UpstreamTools): Upstream {
  const listeners = new Set<(message: JsonObject) => void>();
  const sessions = new Map<string, { readonly client: ClientSide; link: Link }>();
  let cached: { readonly definitions: Promise<readonly Definition[]>; readonly untilMs: number } | undefined;

  const onNotify = (message: JsonObject) => {
    if (message.method === "notifications/tools/list_changed") cached = undefined;
    for (const heard of listeners) heard(message);
  };
  const context: LinkContext = {
    server: config.server,
    log: tools.log,
    schemaOf: async (tool) =>
      (await definitions().catch(() => [])).find((definition) => definition.name === tool)?.inputSchema,
  };
  const pool = createPool(config, context, tools, onNotify);

  const linkFor = async (session: string | undefined): Promise<Link | Answer> => {
    const held = session === undefined ? undefined : sessions.get(session);
    if (held === undefined) return pool.link();
    if (held.link.alive()) return held.link;
    const opened = await pool.openFor(held.client);
    if ("ask" in opened) held.link = opened;
    return opened;
  };
  const ask = async (
    method: string,
    params: JsonObject,
    options: RequestOptions,
    deadlineMs: number,
  ): Promise<Answer> => {
    const link = await linkFor(options.session);
    if (!("ask" in link)) return link;
    const { signal, relay } = options;
    const asked = {
      method,
      params: fit(link, params),
      deadlineMs,
      ...(signal === undefined ? {} : { signal }),
      ...(relay === undefined ? {} : { relay }),
    };
    const answer = await link.ask(asked);
    if (answer.kind !== "never_sent" || link.alive()) return answer;
    // The session was gone before the request was processed, so opening another and sending there is still once.
    const next = await linkFor(options.session);
    return "ask" in next ? next.ask(asked) : next;
  };
  const definitions = (): Promise<readonly Definition[]> => {
    const now = tools.clock.tick();
    if (cached !== undefined && cached.untilMs > now) return cached.definitions;
    const found = listAll((params) => ask("tools/list", params, {}, listMs), "tools").then((list) =>
      list.flatMap(asDefinition),
    );
    const entry = { definitions: found, untilMs: now + definitionsTtlMs };
    cached = entry;
    found.catch(() => {
      if (cached === entry) cached = undefined;
    });
    return found;
  };

  return {
    server: config.server,
    async call(dispatch) {
      try {
        return await ask(dispatch.method, dispatch.params, dispatch, dispatch.deadlineMs);
      } catch (thrown) {
        tools.log.error(
          { err: thrown, server: config.server, action: dispatch.actionId },
          "a dispatch failed inside the plane",
        );
        return { kind: "lost", reason: "the plane failed while the call was under way" };
      }
    },
    request: (method, params, options = {}) => ask(method, params, options, options.deadlineMs ?? listMs),
    async tell(method, params, session) {
      await sessions.get(session)?.link.tell(method, params);
    },
    async self() {
      const link = await pool.link();
      if (!("ask" in link)) throw new Problem("unavailable", `the server \`${config.server}\` cannot be reached`);
      return link.self;
    },
    definitions,
    async isModern(session) {
      const link = await linkFor(session);
      return "ask" in link && link.era === "modern";
    },
    async attach(session, client) {
      const opened = await pool.openFor(client);
      if (!("ask" in opened)) throw new Problem("unavailable", `the server \`${config.server}\` cannot be reached`);
      if (opened.own) sessions.set(session, { client, link: opened });
      return opened.self;
    },
    async detach(session) {
      const held = sessions.get(session);
      sessions.delete(session);
      await held?.link.close();
    },
    onMessage(heard) {
      listeners.add(heard);
      return () => listeners.delete(heard);
    },
    async close() {
      await Promise.all([...sessions.values()].map((held) => held.link.close()));
      sessions.clear();
      await pool.close();
    },
  };
}

/** What the older era does not know is left out of its requests. */
function fit(link: Link, params: JsonObject): JsonObject {
  const meta = params._meta;
  if (link.era === "modern" || !isObject(meta)) return params;
  const kept = Object.fromEntries(
    Object.entries(meta).filter(([name]) => !name.startsWith("io.modelcontextprotocol/")),
  );
  const { _meta: _, ...rest } = params;
  return Object.keys(kept).length === 0 ? rest : { ...rest, _meta: kept };
}

function asDefinition(value: JsonObject): readonly Definition[] {
  const { name, inputSchema, outputSchema, ...rest } = value;
  if (typeof name !== "string" || !isObject(inputSchema)) return [];
  // Spread first, so that members keep the order in which the server gave them.
  return [{ ...value, ...rest, name, inputSchema, ...(isObject(outputSchema) ? { outputSchema } : {}) }];
}

interface Pool {
  link(): Promise<Link | Answer>;
  openFor(client: ClientSide): Promise<(Link & { readonly own: boolean }) | Answer>;
  close(): Promise<void>;
}

function createPool(
  config: UpstreamConfig,
  context: LinkContext,
  tools: UpstreamTools,
  onNotify: (message: JsonObject) => void,
): Pool {
  const closing = new AbortController();
  const agent = new Agent({ connect: { timeout: 10_000 }, keepAliveTimeout: 4_000, pipelining: 1 });
  const target = config.transport === "http" ? httpTarget(config, agent) : undefined;
  const side = silentSide(onNotify, legacyVersions[0]);
  let verdict: Verdict | undefined;
  let current: Promise<Link | Answer> | undefined;
  let failures = 0;
  let notBeforeMs = 0;

  const open = async (): Promise<Link | Answer> => {
    if (config.transport === "stdio") return openStdio(config, side, context);
    if (target === undefined) return { kind: "never_sent", reason: "the upstream has no address" };
    if (verdict === undefined || tools.clock.now() - verdict.atMs > verdictTtlMs) {
      const found = await probe(target, context, tools.clock.now());
      if ("kind" in found) return found;
      verdict = found;
    }
    if (!verdict.modern || verdict.self === undefined) return openLegacyHttp(target, side, context);
    const link = modernHttpLink(target, verdict.self, context);
    void follow(link, onNotify, closing.signal);
    return link;
  };
  const link = async (): Promise<Link | Answer> => {
    const held = await current;
    if (held !== undefined && "ask" in held && held.alive()) return held;
    if (tools.clock.tick() < notBeforeMs)
      return { kind: "never_sent", reason: "the upstream has just failed; it is tried again in a moment" };
    if (held !== undefined) current = undefined;
    current ??= open();
    const opened = await current;
    if ("ask" in opened) failures = 0;
    else {
      current = undefined;
      failures += 1;
      if (config.transport === "stdio") notBeforeMs = tools.clock.tick() + Math.min(250 * 2 ** failures, 30_000);
    }
    return opened;
  };
  return {
    link,
    async openFor(client) {
      const own = target === undefined ? undefined : await openLegacyHttp(target, client, context);
      if (own !== undefined && "ask" in own) return Object.assign(own, { own: true });
      const pooled = await link();
      return "ask" in pooled ? { ...pooled, own: false } : pooled;
    },
    async close() {
      closing.abort();
      const held = await current;
      if (held !== undefined && "ask" in held) await held.close();
      await agent.destroy();
    },
  };
}

function httpTarget(config: HttpConfig, agent: Agent): HttpTarget {
  const { credentials } = config;
  return {
    url: new URL(config.url),
    agent,
    credentials: async () => ({ ...config.headers, ...(credentials === undefined ? {} : await credentials.headers()) }),
    refused: () => credentials?.refused(),
  };
}

/** Follows what a modern server says has changed, while it has anything to follow. */
async function follow(link: Link, onNotify: (message: JsonObject) => void, signal: AbortSignal): Promise<void> {
  const { tools, prompts, resources } = {
    tools: objectAt(link.self.capabilities, "tools"),
    prompts: objectAt(link.self.capabilities, "prompts"),
    resources: objectAt(link.self.capabilities, "resources"),
  };
  const notifications = {
    ...(tools.listChanged === true ? { toolsListChanged: true } : {}),
    ...(prompts.listChanged === true ? { promptsListChanged: true } : {}),
    ...(resources.listChanged === true ? { resourcesListChanged: true } : {}),
  };
  if (Object.keys(notifications).length === 0) return;
  const relay: Relay = {
    notify: onNotify,
    request: async () => ({ error: { code: -32601, message: "no client is connected" } }),
  };
  for (let waitMs = 500; !signal.aborted; waitMs = Math.min(waitMs * 2, 60_000)) {
    const answer = await link.ask({
      method: "subscriptions/listen",
      params: { notifications },
      deadlineMs: 3_600_000,
      signal,
      relay,
    });
    if (answer.kind === "error") return;
    await new Promise((resolve) => setTimeout(resolve, waitMs).unref());
  }
}
