import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { dropExpiredClaims, forgetShown } from "./action/index.ts";
import { forgetAsked } from "./approvals/index.ts";
import { type Assembled, type AssembleOptions, assemble } from "./assemble.ts";
import { wantsAbsolute } from "./catalog/index.ts";
import type { Config } from "./config.ts";
import { forgetConsents } from "./connections/index.ts";
import { dropOldUses, dropOldWindows } from "./costs/index.ts";
import { watch } from "./db/index.ts";
import {
  createApp,
  createMetrics,
  type HttpSetting,
  identify,
  identifyAgain,
  onTheRecord,
  openIdentityMemory,
  Refusals,
  readConsole,
  StreamHub,
  sourceOf,
  trustedProxies,
} from "./doors/http/index.ts";
import { openLocal } from "./doors/local/open-local.ts";
import { createMcpDoor, type McpDoor, mcpDoorDefaults } from "./doors/mcp/index.ts";
import { createSessions } from "./execution/mcp/index.ts";
import type { Clock } from "./floor/clock.ts";
import type { Log } from "./floor/log.ts";
import { Problem } from "./floor/problem.ts";
import type { Control, NoticeInstead } from "./governance/index.ts";
import {
  type Caller,
  flushUses,
  forgetExpired,
  issuerOf,
  loadTokenKeys,
  resourceMetadataAddress,
} from "./identity/index.ts";
import { openNotices, ownKey } from "./open-notices.ts";
import { addressOf, emptied, listenAt, listenOver, openServer, requireFreePort } from "./open-server.ts";
import { noteRunning } from "./running-note.ts";

export interface ServeOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly instead?: AssembleOptions["instead"] & { readonly notices?: NoticeInstead };
}

export interface Running {
  /** Where it answers, without a slash at its end. */
  readonly url: string;
  readonly control: Control;
  readonly assembled: Assembled;
  /** Lets nothing new in, waits for what is under way, and ends. */
  close(): Promise<void>;
}

/** The whole product: the plane and its doors on one address. */
export async function serve(options: ServeOptions): Promise<Running> {
  const { config, clock, log } = options;
  await requireFreePort(config);
  const metrics = createMetrics();
  const { tally } = metrics;
  const instead = options.instead === undefined ? {} : { instead: options.instead };
  const assembled = await assemble({ config, clock, log, tally, ...instead });
  const undo: Undo[] = [() => assembled.close()];
  const close = once(async () => {
    for (const step of undo.splice(0).reverse())
      await step().catch((cause: unknown) => log.warn({ cause: String(cause) }, "a door did not close cleanly"));
  });
  try {
    await assembled.control.keeper.refresh();
    const address = { url: "" };
    const closing = new AbortController();
    const setting = await openSetting(assembled, options, metrics, () => address.url, closing.signal, undo);
    const mcp = await openMcpDoor(assembled, setting, () => address.url);
    undo.push(() => mcp.close());
    const app = createApp({ setting, server: (answer) => openServer(assembled.control, config, split(mcp, answer)) });
    undo.push(async () => {
      await assembled.hall.drain(config.drainMs);
      closing.abort("the server is going down");
      await emptied(app.server);
    });
    undo.push(() => setting.stream.close());
    undo.push(async () => void app.server.close());
    const { host, port } = listenAt(assembled.control, config);
    await app.ready();
    await listenOver(config.dataFolder, app.server, host, port);
    address.url = addressOf(assembled.control, (app.server.address() as AddressInfo).port);
    undo.push(noteRunning(config.dataFolder, address.url));
    await openLocalDoor(assembled.control, config, () => address.url, undo);
    return { url: address.url, control: assembled.control, assembled, close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

type Undo = () => Promise<unknown>;

/** Without it a link of the server's own takes a restart; everything else works. */
async function openLocalDoor(control: Control, config: Config, publicUrl: () => string, undo: Undo[]): Promise<void> {
  try {
    undo.push(await openLocal({ control, dataFolder: config.dataFolder, publicUrl }));
  } catch (cause) {
    const detail = cause instanceof Problem ? cause.detail : String(cause);
    control.parts.log.warn({ detail }, "there is no door on this machine for login links");
  }
}

async function openSetting(
  assembled: Assembled,
  options: ServeOptions,
  metrics: HttpSetting["metrics"],
  publicUrl: () => string,
  closing: AbortSignal,
  undo: Undo[],
): Promise<HttpSetting> {
  const { connections, control, db } = assembled;
  const { parts, keeper } = control;
  const identity = await keepIdentity(assembled, undo);
  const notices = await openNotices(assembled, options, publicUrl);
  undo.push(() => notices.close());
  const refusals = new Refusals(parts);
  const stream = new StreamHub(control, (all) => identifyAgain({ control, identity, publicUrl }, all));
  let proxies = { from: keeper.loaded().workspace, trusts: trustedProxies([]) };
  const lastWorkspace = (): typeof proxies.from => {
    try {
      return keeper.loaded().workspace;
    } catch {
      return proxies.from;
    }
  };
  const trusts = (address: string): boolean => {
    // Where what is in force cannot be read, it is said whom the failure came from all the same: by what was read last.
    const workspace = lastWorkspace();
    if (proxies.from !== workspace || workspace === undefined)
      proxies = { from: workspace, trusts: trustedProxies(workspace?.organisation.server.trustedProxies ?? []) };
    return proxies.trusts(address);
  };
  every(10_000, undo, parts.log, async () => {
    await refusals.flush();
    await flushUses(db, parts.clock, identity.uses);
  });
  undo.push(async () => {
    await refusals.flush(true);
    await flushUses(db, parts.clock, identity.uses);
  });
  every(3_600_000, undo, parts.log, async () => {
    await forgetExpired(db, parts.clock);
    await forgetShown(db);
    await forgetAsked(db);
    await dropOldWindows(db);
    await dropOldUses(db);
    await dropExpiredClaims(db);
    await forgetConsents(db);
  });
  return {
    control,
    sources: assembled.sources,
    identity,
    connections,
    logBook: assembled.book,
    sealing: assembled.sealing,
    notices,
    publicUrl,
    sourceOf: (request) => sourceOf(request, trusts),
    metrics,
    refusals,
    stream,
    console: readConsole(fileURLToPath(new URL("../console", import.meta.url))),
    closing,
    log: parts.log,
  };
}

/** Credentials are polled with the plane; a notice makes it at once. Token keys are read again with them. */
async function keepIdentity(assembled: Assembled, undo: Undo[]): Promise<HttpSetting["identity"]> {
  const { db, keyring, control } = assembled;
  const { clock, log } = control.parts;
  const sealer = {
    seal: async (plain: Uint8Array, context: string) => keyring.sealer.seal(plain, context),
    open: async (sealed: Uint8Array, context: string) => keyring.sealer.open(sealed, context),
  };
  let tokenKeys = await db.transaction((tx) => loadTokenKeys(tx, clock, sealer));
  const watching = watch(db, "countersign_identity", {
    everyMs: 1_000,
    log,
    async onChange() {
      await control.keeper.refresh();
      tokenKeys = await loadTokenKeys(db, clock, sealer, tokenKeys);
    },
  });
  undo.push(() => watching.stop());
  return openIdentityMemory(clock, () => tokenKeys);
}

async function openMcpDoor(assembled: Assembled, setting: HttpSetting, publicUrl: () => string): Promise<McpDoor> {
  const { control, db, upstreams } = assembled;
  const { parts, keeper, hall } = control;
  // One key for all replicas: what one sealed for a client to carry, another opens.
  const stateKey = await ownKey(db, control, "countersign request state");
  const hasServer = (caller: Caller, server: string): boolean => {
    const { catalog } = keeper.loaded();
    return (
      catalog.servers.includes(server) && catalog.list(server).some((tool) => hall.mayEver(caller, server, tool.name))
    );
  };
  return createMcpDoor({
    hall,
    identify: (request) => identifyAgent(setting, request),
    identifyAgain: async (all) => identifyAgain(setting, all),
    upstreams,
    definitions: async (server) =>
      keeper
        .loaded()
        .catalog.list(server)
        .flatMap((tool) => (tool.reviewed && !tool.name.startsWith("mcp:") ? [tool.definition] : [])),
    redact: (value) => parts.checking.redact(value),
    hasServer,
    wantsAbsolute: (server) => wantsAbsolute(keeper.loaded().catalog.list(server)),
    catalogNames: (caller) => keeper.loaded().catalog.servers.filter((server) => hasServer(caller, server)),
    sessions: createSessions(db),
    config: {
      ...mcpDoorDefaults,
      get publicUrl() {
        return publicUrl();
      },
      get resourceMetadataUrl() {
        return resourceMetadataAddress(`${issuerOf(publicUrl())}/mcp`);
      },
      isTransparent: (server) => keeper.loaded().catalog.file(server)?.transparent === true,
      allowedHosts: [],
      allowedOrigins: [],
      approvalUrl: (action) => `${issuerOf(publicUrl())}/approvals/${action}`,
      stateKeys: [stateKey],
    },
    log: parts.log,
    clock: parts.clock,
  });
}

async function identifyAgent(setting: HttpSetting, request: IncomingMessage): Promise<Caller> {
  const found = await identify(setting, request).catch(async (thrown: unknown) => {
    throw await onTheRecord(setting, request, "mcp", thrown);
  });
  if (found.kind !== "agent") throw new Problem("forbidden", "this address is for agents, not for people");
  return found;
}

/** The MCP door reads and answers by itself; everything else is the HTTP door's. */
function split(mcp: McpDoor, answer: (request: IncomingMessage, response: ServerResponse) => void) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const path = (request.url ?? "").split("?")[0] ?? "";
    if (path === "/mcp" || path.startsWith("/mcp/")) {
      response.setHeader("cache-control", "no-store");
      response.setHeader("x-content-type-options", "nosniff");
      void mcp(request, response);
    } else answer(request, response);
  };
}

function every(ms: number, undo: Undo[], log: Log, work: () => Promise<void>): void {
  let working: Promise<void> | undefined;
  const timer = setInterval(() => {
    working ??= work()
      .catch((cause: unknown) => log.warn({ cause: String(cause) }, "housekeeping failed; it is tried again"))
      .finally(() => {
        working = undefined;
      });
  }, ms).unref();
  undo.push(async () => {
    clearInterval(timer);
    await working;
  });
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= work();
    return running;
  };
}
