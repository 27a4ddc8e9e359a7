import type { JsonObject } from "@countersign/contract";
import type { Definition } from "../../catalog/tool.ts";
import { Problem } from "../../floor/problem.ts";
import type { Answer, Connector, Relay } from "../connector.ts";
import type { ClientSide, Link, LinkContext, ServerSelf } from "./link.ts";
import { listAll } from "./list-all.ts";
import { createMask, maskRelay } from "./mask.ts";
import { createPool } from "./pool.ts";
import type { UpstreamConfig, UpstreamTools } from "./upstream-config.ts";
import { isObject, rpcCodes } from "./wire.ts";

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

const definitionsTtlMs = 60_000;
const listMs = 20_000;
const closeMs = 5_000;

/** Opens nothing yet: processes start and addresses are probed at the first use. */
export function openUpstream(config: UpstreamConfig, tools: UpstreamTools): Upstream {
  const listeners = new Set<(message: JsonObject) => void>();
  const sessions = new Map<string, { readonly client: ClientSide; link: Link }>();
  let closing = false;
  let active = 0;
  let cached: { readonly definitions: Promise<readonly Definition[]>; readonly untilMs: number } | undefined;

  const mask = createMask();
  const onNotify = (unmasked: JsonObject) => {
    const message = mask.clean(unmasked);
    if (message.method === "notifications/tools/list_changed") cached = undefined;
    for (const heard of listeners) heard(message);
  };
  const context: LinkContext = {
    server: config.server,
    log: tools.log,
    mask,
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
    if (closing) return { kind: "never_sent", reason: "the way to the upstream is being closed" };
    active += 1;
    try {
      return await askNow(method, params, options, deadlineMs);
    } finally {
      active -= 1;
    }
  };
  const askNow = async (
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
      ...(relay === undefined ? {} : { relay: maskRelay(relay, mask) }),
    };
    const answer = await link.ask(asked);
    // The server was changed to another revision: the next call finds out which.
    if (answer.kind === "error" && answer.error.code === rpcCodes.unsupportedVersion) pool.forget();
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
      closing = true;
      // What runs is given a moment to end: cutting it off would leave it unknown.
      for (let i = 0; i < closeMs / 20 && active > 0; i++) await new Promise((resolve) => setTimeout(resolve, 20));
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
