import type { JsonObject } from "@countersign/contract";
import type { Answer, Relay } from "../connector.ts";
import type { ClientSide, Link } from "./link.ts";
import { type Mask, maskRelay } from "./mask.ts";
import type { Pool } from "./pool.ts";
import { isObject, rpcCodes } from "./wire.ts";

export interface RequestOptions {
  readonly session?: string;
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
  readonly relay?: Relay;
  readonly whyNot?: () => string | undefined;
}

/** The ways to one upstream: the one that calls share, and one for each agent's session that has its own. */
export interface Links {
  ask(method: string, params: JsonObject, options: RequestOptions, deadlineMs: number): Promise<Answer>;
  of(session: string | undefined): Promise<Link | Answer>;
  /** While `work` runs, what the server asks this session's client takes the call's own way. */
  during<T>(session: string | undefined, relay: Relay | undefined, work: () => Promise<T>): Promise<T>;
  /** The session's client, less what a running call answers for it. */
  sideOf(session: string, client: ClientSide): ClientSide;
  /** A session's own way, where it has one and it was opened. */
  own(session: string): Link | undefined;
  keep(session: string, client: ClientSide, link: Link): void;
  drop(session: string): Promise<void>;
  /** Ends what was opened under a connection that is no longer in force. */
  look(): Promise<void>;
  /** Whether something is under way, or an agent's session has a way of its own. */
  isBusy(): boolean;
  /** What runs is given so long to end: cutting it off would leave it unknown. */
  close(withinMs?: number): Promise<void>;
}

const closeMs = 5_000;

export function createLinks(pool: Pool, mask: Mask): Links {
  const sessions = new Map<string, { readonly client: ClientSide; link: Link }>();
  const running = new Map<string, Set<Relay>>();
  let closing = false;
  let active = 0;

  const of = async (session: string | undefined): Promise<Link | Answer> => {
    const held = session === undefined ? undefined : sessions.get(session);
    if (held === undefined) return pool.link();
    if (held.link.alive()) return held.link;
    const opened = await pool.openFor(held.client);
    if ("ask" in opened) held.link = opened;
    return opened;
  };
  const askNow = async (
    method: string,
    params: JsonObject,
    options: RequestOptions,
    deadlineMs: number,
  ): Promise<Answer> => {
    const until = performance.now() + deadlineMs;
    const link = await of(options.session);
    if (!("ask" in link)) return link;
    const { signal, relay, whyNot } = options;
    // INVARIANT: nothing is at work longer than the deadline after the intent; opening the way is part of that time.
    const late = (): string | undefined =>
      performance.now() >= until ? "the way to the upstream took too long to open" : whyNot?.();
    const reason = late();
    if (reason !== undefined) return { kind: "never_sent", reason };
    const asked = {
      method,
      deadlineMs: until - performance.now(),
      whyNot: late,
      ...(signal === undefined ? {} : { signal }),
      ...(relay === undefined ? {} : { relay: maskRelay(relay, mask) }),
    };
    const answer = await link.ask({ ...asked, params: fit(link, params) });
    // The server was changed to another revision: the next call finds out which.
    if (answer.kind === "error" && answer.error.code === rpcCodes.unsupportedVersion) pool.forget();
    if (answer.kind !== "never_sent" || link.alive()) return answer;
    // The session was gone before the request was processed, so opening another and sending there is still once.
    const next = await of(options.session);
    return "ask" in next ? next.ask({ ...asked, params: fit(next, params) }) : next;
  };

  return {
    of,
    async ask(method, params, options, deadlineMs) {
      if (closing) return { kind: "never_sent", reason: "the way to the upstream is being closed" };
      active += 1;
      try {
        return await askNow(method, params, options, deadlineMs);
      } finally {
        active -= 1;
      }
    },
    async during(session, relay, work) {
      if (session === undefined || relay === undefined) return work();
      const relays = running.get(session) ?? new Set();
      running.set(session, relays.add(relay));
      try {
        return await work();
      } finally {
        relays.delete(relay);
        if (relays.size === 0) running.delete(session);
      }
    },
    sideOf(session, client) {
      const latest = () => [...(running.get(session) ?? [])].at(-1);
      return { ...client, request: (message) => (latest() ?? client).request(message) };
    },
    own: (session) => sessions.get(session)?.link,
    keep: (session, client, link) => void sessions.set(session, { client, link }),
    async drop(session) {
      const held = sessions.get(session);
      sessions.delete(session);
      await held?.link.close();
    },
    async look() {
      await Promise.all([pool.look(), ...[...sessions.values()].map((held) => held.link.look?.())]);
    },
    isBusy: () => active > 0 || sessions.size > 0,
    async close(withinMs = closeMs) {
      closing = true;
      const until = performance.now() + withinMs;
      while (active > 0 && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
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
