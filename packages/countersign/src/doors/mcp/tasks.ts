import type { ActionView, JsonObject } from "@countersign/contract";
import { rpcCodes } from "../../execution/mcp/index.ts";
import { isId } from "../../floor/id.ts";
import { isOpen, toOutcome } from "./answer.ts";
import { declaresTasks, task } from "./held.ts";
import type { Outcome } from "./outlet.ts";
import { Rejection } from "./rejection.ts";
import type { RpcCall } from "./rpc-call.ts";
import { tasksExtension } from "./setting.ts";

const taskMethods = ["tasks/get", "tasks/update", "tasks/cancel"] as const;
export type TaskMethod = (typeof taskMethods)[number];

export function isTaskMethod(method: string): method is TaskMethod {
  return (taskMethods as readonly string[]).includes(method);
}

/** A task is an action that was held; whose it is, the hall knows. */
export async function onTask(call: RpcCall, method: TaskMethod): Promise<Outcome> {
  if (!declaresTasks(call)) {
    throw new Rejection(400, rpcCodes.missingCapability, "tasks need the client capability for them", {
      requiredCapabilities: { extensions: { [tasksExtension]: {} } },
    });
  }
  const { taskId } = call.params;
  if (!isId("act", taskId)) throw new Rejection(200, rpcCodes.invalidParams, "there is no such task");
  const { hall } = call.setting;
  if (method === "tasks/cancel") {
    await hall.cancel(call.caller, taskId, "the agent cancelled the task");
    return { result: { resultType: "complete" } };
  }
  const view = await hall.get(call.caller, taskId);
  // Nothing that an agent's client sends can approve, so input for a task is acknowledged and has no effect.
  if (method === "tasks/update") return { result: { resultType: "complete" } };
  const result = { resultType: "complete", ...task(call, view), ...(await standing(call, view)) };
  if (!isOpen(view)) call.outlet.onDelivered(() => hall.delivered(view));
  return { result };
}

async function standing(call: RpcCall, view: ActionView): Promise<JsonObject> {
  if (isOpen(view)) return { status: "working" };
  if (view.state === "refused" && view.refusal === "cancelled") return { status: "cancelled" };
  const outcome = await toOutcome({ ...call, method: "tools/call", params: { name: view.tool } }, { view });
  if ("result" in outcome) return { status: "completed", result: outcome.result };
  const { code, message, data } = outcome.error;
  return { status: "failed", error: data === undefined ? { code, message } : { code, message, data } };
}
