import type { JsonObject } from "@countersign/contract";
import type { Era, RpcError, RpcId } from "../../execution/mcp/index.ts";
import type { Caller } from "../../identity/caller.ts";
import type { Outcome, Outlet } from "./outlet.ts";
import type { McpSetting, Scope } from "./setting.ts";

/** One request of an agent, in either era, with who asks and where the answer goes. */
export interface RpcCall {
  readonly setting: McpSetting;
  readonly scope: Scope;
  readonly caller: Caller;
  readonly era: Era;
  readonly id: RpcId;
  readonly method: string;
  readonly params: JsonObject;
  readonly capabilities: JsonObject;
  readonly client: JsonObject;
  readonly session?: string;
  /** Opens the session's own way to a server before the first call goes there. */
  readonly attach?: (server: string) => Promise<unknown>;
  readonly signal: AbortSignal;
  readonly outlet: Outlet;
  readonly idempotencyKey?: string;
  /** The run that the client was set up with, in a header. */
  readonly run?: string;
}

const statuses = new Map([
  [-32601, 404],
  [-32020, 400],
  [-32021, 400],
  [-32022, 400],
]);

/** An error as the stateless revision sends it: some codes have an HTTP status of their own. */
export function rpcError(error: RpcError): Outcome {
  const status = statuses.get(error.code);
  return status === undefined ? { error } : { error, status };
}
