import type { IncomingMessage } from "node:http";
import type { Hall } from "../../action/hall.ts";
import type { Checking } from "../../action/index.ts";
import type { Definition } from "../../catalog/tool.ts";
import type { SessionStore, Upstreams } from "../../execution/mcp/index.ts";
import type { Clock } from "../../floor/clock.ts";
import type { Log } from "../../floor/log.ts";
import type { Secret } from "../../floor/secret.ts";
import type { Admitted, Caller, Readmitted } from "../../identity/index.ts";

export interface McpDoorConfig {
  /** Where people and agents reach the plane, such as `http://localhost:4600`. */
  readonly publicUrl: string;
  /** Further `host` or `host:port` values that requests may name; loopback names are always among them. */
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  /** RFC 9728 document that the answer to an unknown caller names. */
  readonly resourceMetadataUrl: string;
  readonly approvalUrl: (actionId: string) => string;
  /** Seals what travels through clients; the first seals, all open. */
  readonly stateKeys: readonly [Secret, ...Secret[]];
  /** How long a request waits for a held action. */
  readonly waitMs: number;
  readonly deadlineMs: number;
  readonly stateTtlMs: number;
  readonly sessionTtlMs: number;
  /** Of a request's body; with the protocol around it this leaves about 1 MB for arguments. */
  readonly maxBodyBytes: number;
  readonly pageSize: number;
  /** Whether `/mcp/<server>` stands in for the server: no tool or extension of the plane's own, the server's own name. */
  readonly isTransparent: (server: string) => boolean;
}

export const mcpDoorDefaults = {
  waitMs: 20_000,
  deadlineMs: 120_000,
  stateTtlMs: 3_600_000,
  sessionTtlMs: 3_600_000,
  maxBodyBytes: 1_114_112,
  pageSize: 500,
} as const;

/** What the door is given by whoever mounts it. */
export interface McpSetting {
  readonly hall: Hall;
  /** Throws `not_authenticated` where the credential proves nothing. */
  readonly identify: (request: IncomingMessage) => Promise<Caller>;
  /** Who of these would be let in now; fails with `unavailable` where that cannot be known. */
  readonly identifyAgain: (all: readonly Admitted[]) => Promise<readonly (Readmitted | undefined)[]>;
  readonly upstreams: Pick<Upstreams, "of">;
  /** The server's tools as they were reviewed and are in force: what it says of itself at the moment reaches no agent. */
  readonly definitions: (server: string) => Promise<readonly Definition[]>;
  /** Cuts secrets out of what a server says where no action carries it. */
  readonly redact: Checking["redact"];
  /** Servers that this caller may know of, in any order. */
  readonly catalogNames: (caller: Caller) => readonly string[];
  /** Whether it is one of them. */
  readonly hasServer: (caller: Caller, server: string) => boolean;
  /** Whether its calls are placed by paths, which then have to be absolute. */
  readonly wantsAbsolute?: (server: string) => boolean;
  readonly sessions: SessionStore;
  readonly config: McpDoorConfig;
  readonly log: Log;
  readonly clock: Clock;
}

/** One address: all servers under prefixed names, or one server under its own. */
export interface Scope {
  readonly servers: readonly string[];
  readonly single: string | undefined;
  readonly transparent: boolean;
}

export const planeName = { name: "countersign", version: "0.1.0" } as const;
export const actionTool = "countersign_action";
export const tasksExtension = "io.modelcontextprotocol/tasks";
export const ownMeta = "countersign.dev/";
