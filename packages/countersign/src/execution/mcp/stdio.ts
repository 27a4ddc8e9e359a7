import type { JsonObject } from "@countersign/contract";
import type { Answer, Relay } from "../connector.ts";
import { type Child, type Lent, type StdioConfig, startChild } from "./child.ts";
import { parseUpstream } from "./http.ts";
import type { Ask, ClientSide, Link, LinkContext, ServerSelf } from "./link.ts";
import { type Era, isLegacyVersion, isObject, metaKeys, modernVersion, objectAt, type RpcMessage } from "./wire.ts";

interface Waiting {
  readonly ask: Ask;
  readonly progressToken: unknown;
  readonly finish: (answer: Answer) => void;
}

interface Pipe {
  readonly client: ClientSide;
  readonly context: LinkContext;
  readonly lent: Lent;
  readonly waiting: Map<number, Waiting>;
  child: Child | undefined;
  /** It takes nothing new, and ends with the last that it is asked for. */
  isRetired: boolean;
  era: Era;
  lastId: number;
  self: ServerSelf;
}

const openMs = 20_000;
const probeMs = 4_000;

/** How long a process that something was taken back from may go on with what it is asked for already. */
const takenBackMs = 5_000;

/** Starts a server's process and finds out its era: one child per upstream and workflow. It gives back what was lent. */
export async function openStdio(
  config: StdioConfig,
  lent: Lent,
  client: ClientSide,
  context: LinkContext,
): Promise<Link | Answer> {
  const pipe: Pipe = {
    client,
    context,
    lent,
    waiting: new Map(),
    child: undefined,
    isRetired: false,
    era: "legacy",
    lastId: 0,
    self: { capabilities: {}, info: {} },
  };
  for (const value of Object.values({ ...config.env, ...lent.env }))
    if (typeof value !== "string") context.mask.note(value.reveal());
  let isOpen = false;
  lent.revoked.addEventListener("abort", () => retire(pipe, isOpen ? takenBackMs : 0), { once: true });
  const failed = (await start(pipe, config)) ? await greet(pipe, config) : notStarted;
  const ended = (pipe.child?.ended ?? Promise.resolve()).then(() => lent.release());
  isOpen = true;
  if (failed !== undefined || pipe.isRetired) {
    await pipe.child?.close();
    return failed ?? { kind: "never_sent", reason: "what the server's process was given was taken back" };
  }
  return {
    era: pipe.era,
    self: pipe.self,
    ask: (ask) =>
      pipe.era === "modern" && ask.method === "resources/subscribe"
        ? Promise.resolve({ kind: "answered", result: {} })
        : askPipe(pipe, ask),
    async tell(method, params) {
      pipe.child?.write(JSON.stringify({ jsonrpc: "2.0", method, params }));
    },
    alive: () => !pipe.isRetired && (pipe.child?.alive() ?? false),
    async look() {
      if (!pipe.isRetired && !(await lent.isCurrent())) retire(pipe);
    },
    ended,
    close: async () => pipe.child?.close(),
  };
}

const notStarted: Answer = { kind: "never_sent", reason: "the server's process could not be started" };

/** What runs in it may end by itself, for some time or until each call's own deadline. */
function retire(pipe: Pipe, withinMs?: number): void {
  pipe.isRetired = true;
  if (pipe.waiting.size === 0) void pipe.child?.close();
  else if (withinMs !== undefined) setTimeout(() => void pipe.child?.close(), withinMs).unref();
}

async function start(pipe: Pipe, config: StdioConfig): Promise<boolean> {
  if (pipe.lent.revoked.aborted) return false;
  const heard = {
    onLine: (line: string) => hear(pipe, line),
    onGone(reason: string) {
      for (const waiting of pipe.waiting.values()) waiting.finish({ kind: "lost", reason });
      pipe.waiting.clear();
    },
  };
  const env = { ...config.env, ...pipe.lent.env };
  pipe.child = await startChild({ ...config, env }, heard, pipe.context.log, pipe.context.server);
  return pipe.child !== undefined;
}

async function greet(pipe: Pipe, config: StdioConfig): Promise<Answer | undefined> {
  pipe.era = "modern";
  const found = await askPipe(pipe, { method: "server/discover", params: {}, deadlineMs: probeMs });
  const versions = found.kind === "answered" ? found.result.supportedVersions : undefined;
  if (found.kind === "answered" && Array.isArray(versions) && versions.includes(modernVersion)) {
    pipe.self = {
      capabilities: objectAt(found.result, "capabilities"),
      info: objectAt(objectAt(found.result, "_meta"), metaKeys.server),
    };
    return undefined;
  }
  pipe.era = "legacy";
  // Some older servers end at a first message that they do not know.
  if (pipe.child?.alive() !== true && !(await start(pipe, config))) return notStarted;
  const params = {
    protocolVersion: pipe.client.protocolVersion,
    capabilities: pipe.client.capabilities,
    clientInfo: pipe.client.info,
  };
  const answer = await askPipe(pipe, { method: "initialize", params, deadlineMs: openMs });
  if (answer.kind !== "answered") return { kind: "never_sent", reason: "the server did not open a session" };
  if (!isLegacyVersion(answer.result.protocolVersion)) {
    return { kind: "never_sent", reason: "the upstream speaks no revision that is known here" };
  }
  const instructions = answer.result.instructions;
  const self = { capabilities: objectAt(answer.result, "capabilities"), info: objectAt(answer.result, "serverInfo") };
  pipe.self = typeof instructions === "string" ? { ...self, instructions } : self;
  pipe.child?.write(JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" }));
  return undefined;
}

function askPipe(pipe: Pipe, ask: Ask): Promise<Answer> {
  if (ask.signal?.aborted === true)
    return Promise.resolve({ kind: "never_sent", reason: "it was cancelled before it was sent" });
  if (pipe.isRetired) return Promise.resolve({ kind: "never_sent", reason: "the server's process is being ended" });
  const id = ++pipe.lastId;
  const params = outgoing(pipe, ask.params, id);
  return new Promise((resolve) => {
    const cancel = (reason: string) => {
      pipe.child?.write(
        JSON.stringify({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: id, reason } }),
      );
      finish({ kind: "lost", reason });
    };
    const late = setTimeout(() => cancel("the upstream did not answer in time"), Math.min(ask.deadlineMs, 2 ** 31 - 1));
    const aborted = () => cancel("the caller cancelled before an answer came");
    const finish = (answer: Answer) => {
      clearTimeout(late);
      ask.signal?.removeEventListener("abort", aborted);
      pipe.waiting.delete(id);
      if (pipe.isRetired && pipe.waiting.size === 0) void pipe.child?.close();
      resolve(answer);
    };
    ask.signal?.addEventListener("abort", aborted, { once: true });
    pipe.waiting.set(id, { ask, progressToken: objectAt(ask.params, "_meta").progressToken, finish });
    const written = pipe.child?.write(JSON.stringify({ jsonrpc: "2.0", id, method: ask.method, params })) ?? false;
    if (!written) finish({ kind: "never_sent", reason: "the server's process is not running" });
  });
}

// Agents choose their progress tokens themselves; on a shared pipe two may be equal, so each call gets one of its own.
function outgoing(pipe: Pipe, params: JsonObject, id: number): JsonObject {
  const meta = objectAt(params, "_meta");
  const token = meta.progressToken === undefined ? {} : { progressToken: id };
  if (pipe.era === "legacy") return "_meta" in params ? { ...params, _meta: { ...meta, ...token } } : params;
  const own = { [metaKeys.version]: modernVersion, [metaKeys.capabilities]: objectAt(meta, metaKeys.capabilities) };
  return { ...params, _meta: { [metaKeys.client]: pipe.client.info, ...meta, ...token, ...own } };
}

function hear(pipe: Pipe, line: string): void {
  const message = parseUpstream(line);
  if (typeof message === "string") {
    pipe.context.log.warn({ server: pipe.context.server }, "an upstream wrote a line that is not JSON-RPC");
    return;
  }
  if (message.kind === "result" || message.kind === "error") {
    const waiting = typeof message.id === "number" ? pipe.waiting.get(message.id) : undefined;
    waiting?.finish(
      message.kind === "result"
        ? { kind: "answered", result: message.result }
        : { kind: "error", error: message.error },
    );
    return;
  }
  passOn(pipe, message);
}

function passOn(pipe: Pipe, message: RpcMessage & { kind: "request" | "notification" }): void {
  if (message.kind === "notification") {
    const { relay, raw } = receiver(pipe, message);
    relay.notify(raw);
    return;
  }
  const { id } = message;
  // Which call it belongs to is not said on a pipe: it may only go to an agent where one call is under way.
  const only = pipe.waiting.size === 1 ? [...pipe.waiting.values()][0]?.ask.relay : undefined;
  const answered =
    message.method === "ping"
      ? Promise.resolve<JsonObject>({ result: {} })
      : (only ?? pipe.client).request(message.raw);
  void answered
    .catch((): JsonObject => ({ error: { code: -32603, message: "the client did not answer" } }))
    .then((answer) => pipe.child?.write(JSON.stringify({ jsonrpc: "2.0", id, ...answer })));
}

function receiver(pipe: Pipe, message: RpcMessage & { kind: "notification" }): { relay: Relay; raw: JsonObject } {
  const token = message.params.progressToken;
  const waiting = typeof token === "number" ? pipe.waiting.get(token) : undefined;
  if (message.method === "notifications/progress" && waiting?.ask.relay !== undefined && isObject(message.params)) {
    const params = { ...message.params, progressToken: waiting.progressToken as string | number };
    return { relay: waiting.ask.relay, raw: { ...message.raw, params } };
  }
  const only = pipe.waiting.size === 1 ? [...pipe.waiting.values()][0]?.ask.relay : undefined;
  const isList = message.method.endsWith("list_changed");
  return { relay: isList ? pipe.client : (only ?? pipe.client), raw: message.raw };
}
