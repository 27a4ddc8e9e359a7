import type { IncomingMessage } from "node:http";
import type { JsonObject } from "@countersign/contract";
import {
  type ClientSide,
  isLegacyVersion,
  legacyVersions,
  objectAt,
  rpcCodes,
  type ServerSelf,
  type SessionRow,
} from "../../execution/mcp/index.ts";
import { newId } from "../../floor/id.ts";
import type { Caller } from "../../identity/caller.ts";
import { askOn, createLive, type LiveSession, writeStream } from "./live-session.ts";
import { Rejection } from "./rejection.ts";
import { screenMessage } from "./screen.ts";
import type { McpSetting, Scope } from "./setting.ts";

/** Sessions of the older era on this replica: rows in the store, streams and upstream sessions here. */
export interface SessionDesk {
  open(caller: Caller, scope: Scope, params: JsonObject): Promise<LiveSession>;
  /** Throws 400 without a session, 404 where it has ended or is another caller's. */
  find(request: IncomingMessage, caller: Caller, scope: Scope): Promise<LiveSession>;
  attach(live: LiveSession, server: string): Promise<ServerSelf | undefined>;
  end(live: LiveSession): Promise<void>;
  close(): Promise<void>;
}

const sweepMs = 60_000;
// Each session may hold an upstream session or two: an agent that never ends its own loses the idlest.
const maxSessions = 100;

export function createSessionDesk(setting: McpSetting): SessionDesk {
  const lives = new Map<string, LiveSession>();
  const { config, clock, sessions, upstreams } = setting;

  const letGo = async (live: LiveSession) => {
    lives.delete(live.row.id);
    for (const running of live.running.values()) running.abort();
    for (const stream of live.streams.values()) stream.response?.end();
    await Promise.all([...live.attached.values()].map(({ upstream }) => upstream.detach(live.row.id)));
  };
  const makeRoom = async (agent: string) => {
    const own = [...lives.values()].filter((live) => live.row.agent === agent);
    if (own.length < maxSessions) return;
    const idle = own.filter((live) => live.running.size === 0).sort((a, b) => a.seenMs - b.seenMs)[0];
    if (idle === undefined) throw new Rejection(429, -32000, `an agent may have ${maxSessions} sessions at once`);
    await sessions.end(idle.row.id);
    await letGo(idle);
  };
  const sweep = setInterval(() => {
    for (const live of lives.values()) {
      const idle = clock.now() - live.seenMs > config.sessionTtlMs && live.running.size === 0;
      if (idle) letGo(live).catch(() => setting.log.warn({}, "a session's upstreams could not be let go"));
    }
  }, sweepMs).unref();

  return {
    async open(caller, scope, params) {
      await makeRoom(caller.agent);
      const row = rowOf(caller, scope, params, clock.now() + config.sessionTtlMs);
      // It goes to every server of the session, before anything is decided.
      if (setting.redact({ capabilities: row.capabilities, client: row.client }).count > 0)
        throw new Rejection(400, rpcCodes.invalidParams, "what the client says of itself holds a secret");
      await sessions.open(row);
      const live = createLive(row, clock.now());
      lives.set(row.id, live);
      return live;
    },
    async find(request, caller, scope) {
      const id = request.headers["mcp-session-id"];
      if (typeof id !== "string")
        throw new Rejection(
          400,
          -32000,
          "this revision needs a session: send `initialize` first and repeat `Mcp-Session-Id`",
        );
      const now = clock.now();
      const held = lives.get(id);
      // Another replica may have ended it: what is held here is believed for a minute.
      const row = held !== undefined && now - held.checkedMs < sweepMs ? held.row : await sessions.find(id, now);
      if (row === undefined && held !== undefined) await letGo(held);
      const live = row === undefined ? undefined : (lives.get(id) ?? createLive(row, now));
      // Another agent's session does not exist for this one.
      if (live === undefined || !belongs(live.row, caller, scope))
        throw new Rejection(404, -32001, "there is no such session");
      lives.set(id, live);
      if (now - live.checkedMs >= sweepMs) {
        await sessions.touch(id, now + config.sessionTtlMs);
        live.checkedMs = now;
      }
      live.seenMs = now;
      return live;
    },
    async attach(live, server) {
      const upstream = upstreams.of(server, live.row.workflow, live.row.onBehalfOf);
      if (upstream === undefined) return undefined;
      // Where the workspace changed, the same name is another upstream, which knows nothing of this session.
      const before = live.attached.get(server);
      const held =
        before?.upstream === upstream
          ? before
          : { upstream, self: upstream.attach(live.row.id, clientSide(setting, live)) };
      live.attached.set(server, held);
      try {
        return await held.self;
      } catch {
        live.attached.delete(server);
        return undefined;
      }
    },
    async end(live) {
      await sessions.end(live.row.id);
      await letGo(live);
    },
    async close() {
      clearInterval(sweep);
      await Promise.all([...lives.values()].map(letGo));
    },
  };
}

function rowOf(caller: Caller, scope: Scope, params: JsonObject, expiresAtMs: number): SessionRow {
  const asked = params.protocolVersion;
  const capabilities = objectAt(params, "capabilities");
  const client = objectAt(params, "clientInfo");
  if (JSON.stringify(capabilities).length + JSON.stringify(client).length > 32_768) {
    throw new Rejection(400, rpcCodes.invalidParams, "what the client says of itself is too long");
  }
  return {
    id: newId("ses"),
    endpoint: scope.single ?? "",
    agent: caller.agent,
    workflow: caller.workflow,
    credential: caller.credential,
    ...(caller.onBehalfOf === undefined ? {} : { onBehalfOf: caller.onBehalfOf }),
    version: isLegacyVersion(asked) ? asked : legacyVersions[0],
    capabilities,
    client,
    expiresAtMs,
  };
}

function belongs(row: SessionRow, caller: Caller, scope: Scope): boolean {
  const isCallers = row.agent === caller.agent && row.workflow === caller.workflow;
  return isCallers && row.onBehalfOf === caller.onBehalfOf && row.endpoint === (scope.single ?? "");
}

/** Where an upstream's messages go that belong to no request: the stream that the client keeps open for them. */
function clientSide(setting: McpSetting, live: LiveSession): ClientSide {
  return {
    capabilities: live.row.capabilities,
    info: live.row.client,
    protocolVersion: live.row.version,
    notify(message) {
      if (live.general !== undefined) writeStream(live.general, screenMessage(setting, message));
    },
    request: (message) => askForRoots(setting, live, message),
  };
}

/**
 * A question that comes while no call runs: no action would hold its answer, so only the client's roots may be asked
 * for, and they go only where they hold no secret. Questions during a call take the call's own way, through the hall.
 */
async function askForRoots(setting: McpSetting, live: LiveSession, message: JsonObject): Promise<JsonObject> {
  const refused = (text: string) => ({ error: { code: rpcCodes.invalidRequest, message: text } });
  if (message.method !== "roots/list") return refused("a server may ask only while a call runs");
  const answer = await askOn(live, live.general, screenMessage(setting, message));
  return setting.redact(answer).count === 0 ? answer : refused("the client's answer may not leave");
}
