import type { Agent } from "undici";
import { Problem } from "../../floor/problem.ts";
import type { Secret } from "../../floor/secret.ts";
import type { Answer } from "../connector.ts";
import type { Link } from "./link.ts";
import type { Mask } from "./mask.ts";
import { Unconnected } from "./unconnected.ts";
import type { HttpConfig } from "./upstream-config.ts";

type Headers = Readonly<Record<string, Secret>>;

/** One upstream address. Credentials are asked for at each request and revealed nowhere else. */
export interface HttpTarget {
  readonly url: URL;
  readonly agent: Agent;
  readonly credentials: () => Promise<Headers>;
  readonly mask: Mask;
  /** Told that the upstream did not accept the credential. */
  readonly refused: (headers: Headers) => void;
}

/** A target for as long as its credential is of one connection: what was opened under it is never used under another. */
export interface OwnedTarget extends HttpTarget {
  isMoved(): boolean;
  /** Called once, when the connection is found to be another or gone. */
  whenMoved(then: () => void): void;
  /** Looks whether the connection is still the one in force. */
  look(): Promise<void>;
}

/** The target under whose credential is in force now, or why there is none. */
export async function ownTarget(config: HttpConfig, agent: Agent, mask: Mask): Promise<OwnedTarget | Answer> {
  const { credentials } = config;
  const whose = (headers: Headers): string => credentials?.whose?.(headers) ?? "";
  let owner: string;
  try {
    owner = credentials === undefined ? "" : whose(await credentials.headers());
  } catch (thrown) {
    return { kind: "never_sent", reason: withoutCredential(thrown) };
  }
  const given = new WeakMap<Headers, Headers>();
  let moved = false;
  const heard: (() => void)[] = [];
  const move = (): void => {
    moved = true;
    for (const then of heard.splice(0)) then();
  };
  const owned = async (): Promise<Headers> => {
    if (credentials === undefined) return config.headers;
    const headers = await credentials.headers().catch((thrown: unknown) => {
      if (thrown instanceof Unconnected) move();
      throw thrown;
    });
    // INVARIANT: a session that was opened with one account's token never gets another's.
    if (moved || whose(headers) !== owner) {
      move();
      throw new Unconnected("the upstream was connected anew before it was sent");
    }
    const all = { ...config.headers, ...headers };
    given.set(all, headers);
    return all;
  };
  return {
    url: new URL(config.url),
    agent,
    mask,
    credentials: owned,
    refused: (headers) => credentials?.refused(given.get(headers) ?? headers),
    isMoved: () => moved,
    whenMoved: (then) => void heard.push(then),
    look: async () => {
      await owned().catch((thrown: unknown) => {
        if (!(thrown instanceof Problem)) throw thrown;
      });
    },
  };
}

/** Why a request has no credential; only what is meant for people to act on is said. */
export function withoutCredential(thrown: unknown): string {
  return thrown instanceof Unconnected ? thrown.detail : "the upstream's credential could not be had";
}

/** The link, dead as soon as its target's connection is no longer the one in force. */
export function ownedLink(link: Link, target: OwnedTarget): Link {
  target.whenMoved(() => void link.close().catch(() => undefined));
  return {
    era: link.era,
    get self() {
      return link.self;
    },
    ask: (ask) => link.ask(ask),
    tell: (method, params) => link.tell(method, params),
    alive: () => link.alive() && !target.isMoved(),
    look: () => target.look(),
    close: () => link.close(),
  };
}
