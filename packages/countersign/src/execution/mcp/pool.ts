import type { JsonObject } from "@countersign/contract";
import { Agent } from "undici";
import type { Answer, Relay } from "../connector.ts";
import type { StdioConfig } from "./child.ts";
import { openLegacyHttp } from "./legacy-http.ts";
import { lendTo } from "./lend-to.ts";
import { type ClientSide, type Link, type LinkContext, silentSide } from "./link.ts";
import { maskRelay } from "./mask.ts";
import { modernHttpLink } from "./modern-http.ts";
import { probe, type Verdict, verdictTtlMs } from "./probe.ts";
import { openStdio } from "./stdio.ts";
import { type OwnedTarget, ownedLink, ownTarget } from "./target.ts";
import type { UpstreamConfig, UpstreamTools } from "./upstream-config.ts";
import { legacyVersions, objectAt } from "./wire.ts";

/** The way to one upstream that calls without a session share. */
export interface Pool {
  link(): Promise<Link | Answer>;
  openFor(client: ClientSide): Promise<(Link & { readonly own: boolean }) | Answer>;
  /** Lets the era be found out anew. */
  forget(): void;
  /** Ends what was opened under a connection that is no longer in force. */
  look(): Promise<void>;
  close(): Promise<void>;
}

export function createPool(
  config: UpstreamConfig,
  context: LinkContext,
  tools: UpstreamTools,
  onNotify: (message: JsonObject) => void,
): Pool {
  const closing = new AbortController();
  const agent = new Agent({ connect: { timeout: 10_000 }, keepAliveTimeout: 4_000, pipelining: 1 });
  const side = silentSide(onNotify, legacyVersions[0]);
  let verdict: Verdict | undefined;
  let current: Promise<Link | Answer> | undefined;
  let failures = 0;
  let notBeforeMs = 0;
  // Those that were replaced may still be at work.
  const processes = new Set<Link>();

  const openProcess = async (stdio: StdioConfig): Promise<Link | Answer> => {
    if (tools.clock.tick() < notBeforeMs)
      return { kind: "never_sent", reason: "the upstream has just failed; it is tried again in a moment" };
    // What it needs may be there at the next call, so only a process that failed is waited for.
    const lent = await lendTo(stdio, context);
    if ("kind" in lent) return lent;
    const link = await openStdio(stdio, lent, side, context).catch(async (thrown: unknown): Promise<Answer> => {
      tools.log.error({ server: config.server, err: thrown }, "an upstream server's process could not be started");
      await lent.release();
      return { kind: "never_sent", reason: "the server's process could not be started" };
    });
    if ("ask" in link) {
      failures = 0;
      processes.add(link);
      void link.ended?.then(() => processes.delete(link));
    } else if (!lent.revoked.aborted) {
      failures += 1;
      notBeforeMs = tools.clock.tick() + Math.min(250 * 2 ** failures, 30_000);
    }
    return link;
  };
  const open = async (): Promise<Link | Answer> => {
    if (config.transport === "stdio") return openProcess(config);
    const target = await ownTarget(config, agent, context.mask);
    if ("kind" in target) return target;
    if (verdict === undefined || tools.clock.now() - verdict.atMs > verdictTtlMs) {
      const found = await probe(target, context, tools.clock.now());
      if ("kind" in found) return found;
      verdict = found;
    }
    if (!verdict.modern || verdict.self === undefined) return openLegacy(target, side);
    const ended = new AbortController();
    const link = ownedLink(
      { ...modernHttpLink(target, verdict.self, context), close: async () => ended.abort() },
      target,
    );
    void follow(link, onNotify, AbortSignal.any([closing.signal, ended.signal]));
    return link;
  };
  const openLegacy = async (target: OwnedTarget, client: ClientSide): Promise<Link | Answer> => {
    const opened = await openLegacyHttp(target, client, context);
    return "ask" in opened ? ownedLink(opened, target) : opened;
  };
  const link = async (): Promise<Link | Answer> => {
    const before = current;
    const held = await before;
    if (held !== undefined && "ask" in held && held.alive()) return held;
    // Of two callers that find it gone, only the first opens another.
    if (before === current) current = undefined;
    current ??= open();
    const asked = current;
    const opened = await asked;
    if (!("ask" in opened) && current === asked) current = undefined;
    return opened;
  };
  return {
    link,
    async openFor(agentSide) {
      const client: ClientSide = { ...agentSide, ...maskRelay(agentSide, context.mask) };
      const target = config.transport === "http" ? await ownTarget(config, agent, context.mask) : undefined;
      const own = target === undefined || "kind" in target ? target : await openLegacy(target, client);
      if (own !== undefined && "ask" in own) return Object.assign(own, { own: true });
      const pooled = await link();
      return "ask" in pooled ? { ...pooled, own: false } : pooled;
    },
    forget() {
      verdict = undefined;
      current = undefined;
    },
    async look() {
      const held = await current;
      if (held !== undefined && "ask" in held) await held.look?.();
    },
    async close() {
      closing.abort();
      const held = await current;
      if (held !== undefined && "ask" in held) await held.close();
      await Promise.all([...processes].map((one) => one.close()));
      await agent.destroy();
    },
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
  for (let waitMs = 500; !signal.aborted && link.alive(); waitMs = Math.min(waitMs * 2, 60_000)) {
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
