import type { JsonObject } from "@countersign/contract";
import type { Tx } from "../db/db.ts";
import type { Relay } from "../execution/connector.ts";

/** One thing that an agent asks for, from whichever door. */
export interface Submission {
  readonly server: string;
  /** The server's own tool name, or for other methods `mcp:resources/read` and the like. */
  readonly tool: string;
  readonly method: string;
  /** The JSON-RPC params to send; for `tools/call` they hold `name` and `arguments`. */
  readonly params: JsonObject;
  /** The arguments that are decided on and digested: `params.arguments`, or the params themselves for other methods. */
  readonly args: JsonObject;
  readonly door: "mcp" | "http" | "cli" | "sdk" | "hook";
  readonly idempotencyKey?: string;
  readonly run?: string;
  /** What the agent says about why; shown last, as a claim. */
  readonly claim?: string;
  /** What the agent says the environment is; a mismatch with the catalog refuses. */
  readonly claimedEnvironment?: string;
}

export interface SubmitOptions {
  /** The caller went away. What runs gets the cancellation passed on; what is held stays held. */
  readonly signal?: AbortSignal;
  /** To go away cancels nothing that was sent: whoever comes back finds it by its id or its key. */
  readonly comesBack?: true;
  /** How long to wait for a held action before answering that it is held. */
  readonly waitMs?: number;
  readonly deadlineMs?: number;
  /** The id that the action takes: a second one of it finds the first. */
  readonly as?: string;
  /** In the transaction of its first entry: what it throws leaves nothing of it. May run again. */
  readonly within?: (tx: Tx) => Promise<void>;
  readonly relay?: Relay;
  readonly session?: string;
  /** Called when the action becomes held, with its id, so that a door can report progress. */
  readonly onHeld?: (actionId: string) => void;
}
