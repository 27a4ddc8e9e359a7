import type { JsonObject } from "@countersign/contract";
import type { LegacyVersion } from "./wire.ts";

/** A session of the older era: bound to the agent that opened it, and to the person whom it acts for. */
export interface SessionRow {
  readonly id: string;
  /** The address it was opened on: a server's name, or empty for all servers. */
  readonly endpoint: string;
  readonly agent: string;
  readonly workflow: string;
  readonly credential: string;
  readonly onBehalfOf?: string;
  readonly version: LegacyVersion;
  readonly capabilities: JsonObject;
  readonly client: JsonObject;
  readonly expiresAtMs: number;
}

/** Sessions outlive a replica; their streams do not. */
export interface SessionStore {
  open(row: SessionRow): Promise<void>;
  /** Undefined where it has ended or expired. */
  find(id: string, nowMs: number): Promise<SessionRow | undefined>;
  touch(id: string, expiresAtMs: number): Promise<void>;
  end(id: string): Promise<void>;
}
