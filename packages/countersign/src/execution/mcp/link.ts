import type { JsonObject } from "@countersign/contract";
import type { Log } from "../../floor/log.ts";
import type { Answer, Relay } from "../connector.ts";
import type { Mask } from "./mask.ts";
import type { Era } from "./wire.ts";

/** One request to an upstream. */
export interface Ask {
  readonly method: string;
  readonly params: JsonObject;
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
  readonly relay?: Relay;
  /** Why it may not go any more, asked right before it is written. */
  readonly whyNot?: () => string | undefined;
}

/** What a server says of itself. */
export interface ServerSelf {
  readonly capabilities: JsonObject;
  readonly info: JsonObject;
  readonly instructions?: string;
}

/** The agent's side of one session: what it can do, and where unsolicited messages of the upstream go. */
export interface ClientSide extends Relay {
  readonly capabilities: JsonObject;
  readonly info: JsonObject;
  readonly protocolVersion: string;
}

/** One way to one upstream: a session of the older era, or the stateless address of the newer one. */
export interface Link {
  readonly era: Era;
  readonly self: ServerSelf;
  /** Sends once. What comes back says what is certain. */
  ask(ask: Ask): Promise<Answer>;
  tell(method: string, params: JsonObject): Promise<void>;
  /** False once the other end is gone; a new link must be opened. */
  alive(): boolean;
  /** Ends it where the connection that it was opened under, or what its process was given, is no longer in force. */
  look?(): Promise<void>;
  /** Resolves once its process has ended, where it has one. */
  readonly ended?: Promise<void>;
  close(): Promise<void>;
}

export interface LinkContext {
  readonly server: string;
  readonly log: Log;
  readonly mask: Mask;
  /** The input schema of a tool, so that its mirrored arguments become headers. */
  readonly schemaOf: (tool: string) => Promise<JsonObject | undefined>;
}

/** A client that cannot be asked anything: used where no agent is connected. */
export function silentSide(onNotify: (message: JsonObject) => void, protocolVersion: string): ClientSide {
  return {
    capabilities: {},
    info: { name: "countersign", version: "0.1.0" },
    protocolVersion,
    notify: onNotify,
    request: async () => ({ error: { code: -32601, message: "no client is connected" } }),
  };
}
