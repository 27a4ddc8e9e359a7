import { objectAt, rpcCodes } from "../../execution/mcp/index.ts";
import { Rejection } from "./rejection.ts";
import type { RpcCall } from "./rpc-call.ts";
import { ownMeta } from "./setting.ts";

/** The run that a request belongs to, if it says so. What a client was set up with is not the model's to change. */
export function runOf({ run, params }: Pick<RpcCall, "run" | "params">): string | undefined {
  const named = objectAt(params, "_meta")[`${ownMeta}run`];
  const own = typeof named === "string" && named.length <= 4_096 ? named : undefined;
  if (run !== undefined && own !== undefined && run !== own)
    throw new Rejection(200, rpcCodes.invalidParams, "the client is set up with one run, and the call names another");
  return run ?? own;
}

/** Who connects or lists with a run that is not theirs learns of it then, and not at the first call. */
export async function requireRun(call: Pick<RpcCall, "setting" | "caller" | "run">): Promise<void> {
  if (call.run !== undefined) await call.setting.hall.requireRun(call.caller, call.run);
}
