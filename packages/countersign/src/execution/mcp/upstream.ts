import type { JsonObject } from "@countersign/contract";
import type { Definition } from "../../catalog/tool.ts";
import type { Log } from "../../floor/log.ts";
import { Problem } from "../../floor/problem.ts";
import type { Answer, Connector, Dispatch } from "../connector.ts";
import { createDefinitions, type Definitions } from "./definitions.ts";
import type { ClientSide, Link, LinkContext, ServerSelf } from "./link.ts";
import { createLinks, type Links, type RequestOptions } from "./links.ts";
import { listAll } from "./list-all.ts";
import { createMask } from "./mask.ts";
import { createPool } from "./pool.ts";
import type { UpstreamConfig, UpstreamTools } from "./upstream-config.ts";

/** One upstream server as one workflow sees it. */
export interface Upstream extends Connector {
  readonly server: string;
  /** What is no effect: lists, levels, subscriptions. */
  request(method: string, params: JsonObject, options?: RequestOptions): Promise<Answer>;
  tell(method: string, params: JsonObject, session: string): Promise<void>;
  self(): Promise<ServerSelf>;
  /** The server's tools exactly as it gave them. Throws `unavailable` where it cannot be asked. */
  definitions(): Promise<readonly Definition[]>;
  /** The same, asked for now. */
  refresh(): Promise<readonly Definition[]>;
  /** Whether requests go to the stateless revision, for this session or without one. */
  isModern(session?: string): Promise<boolean>;
  /** Opens a session of the older era on behalf of one agent's session, where the upstream has that era. */
  attach(session: string, client: ClientSide): Promise<ServerSelf>;
  detach(session: string): Promise<void>;
  onMessage(heard: (message: JsonObject) => void): () => void;
  /** Ends what was opened under a connection, or with a secret, that is no longer in force. */
  look(): Promise<void>;
  /** Whether closing it would cut something off. */
  isBusy(): boolean;
  /** Takes nothing new, lets what runs end for so long, and cuts off what is left. */
  close(withinMs?: number): Promise<void>;
}

const listMs = 20_000;

/** Opens nothing yet: processes start and addresses are probed at the first use. */
export function openUpstream(config: UpstreamConfig, tools: UpstreamTools): Upstream {
  const { server } = config;
  const listeners = new Set<(message: JsonObject) => void>();
  const mask = createMask();
  const onNotify = (unmasked: JsonObject) => {
    const message = mask.clean(unmasked);
    if (message.method === "notifications/tools/list_changed") {
      definitions.forget();
      tools.onToolsChanged?.(server);
    }
    for (const heard of listeners) heard(message);
  };
  const context: LinkContext = { server, log: tools.log, mask, schemaOf: (tool) => schemaOf(definitions, tool) };
  const pool = createPool(config, context, tools, onNotify);
  const links = createLinks(pool, mask);
  const listTools = () => listAll((params) => links.ask("tools/list", params, {}, listMs), "tools");
  const definitions = createDefinitions(listTools, tools.clock);

  return {
    server,
    call: (dispatch) => callOnce(links, dispatch, tools.log),
    request: (method, params, options = {}) => links.ask(method, params, options, options.deadlineMs ?? listMs),
    async tell(method, params, session) {
      await links.own(session)?.tell(method, params);
    },
    self: async () => reached(await pool.link(), server).self,
    definitions: () => definitions.all(),
    refresh() {
      definitions.forget();
      return definitions.all();
    },
    async isModern(session) {
      const link = await links.of(session);
      return "ask" in link && link.era === "modern";
    },
    async attach(session, agentSide) {
      const client = links.sideOf(session, agentSide);
      const opened = reached(await pool.openFor(client), server);
      if (opened.own) links.keep(session, client, opened);
      return opened.self;
    },
    detach: (session) => links.drop(session),
    onMessage(heard) {
      listeners.add(heard);
      return () => listeners.delete(heard);
    },
    look: () => links.look(),
    isBusy: () => links.isBusy(),
    close: (withinMs) => links.close(withinMs),
  };
}

async function schemaOf(definitions: Definitions, tool: string): Promise<JsonObject | undefined> {
  const all = await definitions.all().catch(() => []);
  return all.find((definition) => definition.name === tool)?.inputSchema;
}

async function callOnce(links: Links, dispatch: Dispatch, log: Log): Promise<Answer> {
  try {
    return await links.during(dispatch.session, dispatch.relay, () =>
      links.ask(dispatch.method, dispatch.params, dispatch, dispatch.deadlineMs),
    );
  } catch (thrown) {
    log.error(
      { err: thrown, server: dispatch.server, action: dispatch.actionId },
      "a dispatch failed inside the plane",
    );
    return { kind: "lost", reason: "the plane failed while the call was under way" };
  }
}

function reached<L extends Link>(opened: L | Answer, server: string): L {
  if ("ask" in opened) return opened;
  throw new Problem("unavailable", `the server \`${server}\` cannot be reached`);
}
