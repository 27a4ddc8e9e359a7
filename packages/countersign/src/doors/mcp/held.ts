import type { ActionView, JsonObject } from "@countersign/contract";
import { isObject, objectAt } from "../../execution/mcp/index.ts";
import { iso } from "../../floor/clock.ts";
import { howOn, notice, withNext } from "./answer.ts";
import type { Outcome } from "./outlet.ts";
import { type StateUse, sealState } from "./request-state.ts";
import type { RpcCall } from "./rpc-call.ts";
import { tasksExtension } from "./setting.ts";

const askable = new Set(["tools/call", "prompts/get", "resources/read"]);

/** What a client is told while its action is held, in the best way that it understands. */
export function held(call: RpcCall, view: ActionView, use: StateUse): Promise<Outcome> | Outcome {
  if (call.era === "legacy") return notice(call, view);
  if (call.method === "tools/call" && !call.scope.transparent && declaresTasks(call)) {
    return { result: { resultType: "task", ...task(call, view) } };
  }
  const url = objectAt(call.capabilities, "elicitation").url;
  if (!askable.has(call.method) || !isObject(url)) return notice(call, view);
  const { config, clock } = call.setting;
  const approval = {
    method: "elicitation/create",
    params: { mode: "url", message: view.sentence, url: config.approvalUrl(view.id) },
  };
  const requestState = sealState(
    { kind: "held", action: view.id },
    use,
    clock.now() + config.stateTtlMs,
    config.stateKeys,
  );
  return { result: { resultType: "input_required", inputRequests: { countersign_approval: approval }, requestState } };
}

/** Whether the client takes a task or opens an address: then it learns at once how to follow a held action. */
export function isToldHow(call: RpcCall): boolean {
  if (call.era === "legacy") return false;
  const takesTask = call.method === "tools/call" && !call.scope.transparent && declaresTasks(call);
  return takesTask || (askable.has(call.method) && isObject(objectAt(call.capabilities, "elicitation").url));
}

export function declaresTasks(call: RpcCall): boolean {
  return isObject(objectAt(call.capabilities, "extensions")[tasksExtension]);
}

function unanswered({ questions = [] }: ActionView): boolean {
  return questions.some(({ reply }) => reply === undefined);
}

/** The action as a task: its row is durable before it is held, and its id is known to its own agent only. */
export function task(call: RpcCall, view: ActionView): JsonObject {
  return {
    taskId: view.id,
    status: "working",
    statusMessage: unanswered(view) ? withNext(view.sentence, howOn(view)) : view.sentence,
    createdAt: view.at,
    lastUpdatedAt: iso(call.setting.clock.now()),
    ttlMs: null,
    pollIntervalMs: 5_000,
  };
}
