import type { ActionView, Json, JsonObject } from "@countersign/contract";
import type { Submitted } from "../../action/hall.ts";
import { isObject, rpcCodes } from "../../execution/mcp/index.ts";
import { definitionOf } from "./lists.ts";
import type { Outcome } from "./outlet.ts";
import { type RpcCall, rpcError } from "./rpc-call.ts";
import { actionTool, ownMeta } from "./setting.ts";

const open = new Set(["received", "held", "ready", "running"]);

export function isOpen(view: ActionView): boolean {
  return open.has(view.state);
}

/** The upstream's own answer where there is one, else what the plane has to say about the action. */
export async function toOutcome(call: RpcCall, submitted: Submitted): Promise<Outcome> {
  const { answer, view } = submitted;
  const own = answer ?? upstreamAnswer(view);
  if (own === undefined) return notice(call, view);
  if ("error" in own) return call.era === "modern" ? rpcError(errorOf(own.error)) : { error: errorOf(own.error) };
  return { result: isObject(own.result) ? finished(call, view, own.result) : {} };
}

/** What a view of an action that ran holds of the upstream's answer. */
function upstreamAnswer(view: ActionView): Submitted["answer"] {
  if ((view.state !== "done" && view.state !== "reversed") || view.result === undefined) return undefined;
  const isRpcError =
    view.isError === true &&
    isObject(view.result) &&
    typeof view.result.code === "number" &&
    view.result.content === undefined;
  return isRpcError ? { error: view.result } : { result: view.result };
}

function errorOf(error: Json): { code: number; message: string; data?: Json } {
  if (!isObject(error)) return { code: rpcCodes.fault, message: "the upstream answered with an error" };
  const code = typeof error.code === "number" ? error.code : rpcCodes.fault;
  const message = typeof error.message === "string" ? error.message : "the upstream answered with an error";
  return error.data === undefined ? { code, message } : { code, message, data: error.data };
}

/**
 * Adds only what the caller's revision demands of every result and its upstream's revision did not, and beside the result
 * that it passed because somebody only observes.
 */
function finished(call: RpcCall, view: ActionView, answered: JsonObject): JsonObject {
  const result = view.observed === undefined ? answered : withObserved(view, answered);
  if (call.era === "legacy") {
    if (result.resultType !== "complete") return result;
    const { resultType: _, ...rest } = result;
    return rest;
  }
  const typed = result.resultType === undefined ? { resultType: "complete", ...result } : result;
  if (call.method !== "resources/read" || typed.resultType !== "complete") return typed;
  // What one agent may read another may not: a cache between them must not hold it.
  return { ...typed, ttlMs: typeof typed.ttlMs === "number" ? typed.ttlMs : 0, cacheScope: "private" };
}

function withObserved(view: ActionView, result: JsonObject): JsonObject {
  const { observed = "deny", sentence } = view;
  const told = { [`${ownMeta}observed`]: { observed, sentence, action: view.id, receipt: view.receipt } };
  return { ...result, _meta: { ...(isObject(result._meta) ? result._meta : {}), ...told } };
}

/** What became of an action that has no answer of an upstream: refused, held, failed or unknown. */
export async function notice(call: RpcCall, view: ActionView): Promise<Outcome> {
  const body = noticeBody(call, view);
  if (call.method !== "tools/call") {
    const error = { code: -32000, message: view.sentence, data: body };
    return { error };
  }
  const isError = !isOpen(view);
  const typed = call.era === "modern" ? { resultType: "complete" } : {};
  const text = withNext(view.sentence, howOn(view));
  const content = [
    { type: "text", text },
    { type: "text", text: JSON.stringify(body) },
  ];
  const _meta = { [`${ownMeta}action`]: body };
  // A client checks structured content against the tool's own output schema and throws the whole answer away where it
  // does not fit; for such a tool the notice stands in text and _meta only, marked as an error so that it is shown.
  const schema =
    call.params.name === actionTool ? undefined : (await definitionOf(call, view.server, view.tool))?.outputSchema;
  if (schema !== undefined) return { result: { ...typed, content, isError: true, _meta } };
  return { result: { ...typed, content, structuredContent: body, isError, _meta } };
}

/** A sentence of the record's, which ends without a full stop, and what can be done next. */
export function withNext(sentence: string, next: string): string {
  return next === "" || /[.!?…]$/.test(sentence) ? `${sentence}${next}` : `${sentence}.${next}`;
}

/** What the agent can do next, as a sentence of its own after another. */
export function howOn(view: ActionView): string {
  const asked = (view.questions ?? []).some(({ reply }) => reply === undefined);
  if (view.state === "held" && asked)
    return ` Reply with the tool ${actionTool}, id ${view.id} and \`reply\`; ask again with the id alone.`;
  if (isOpen(view)) return ` Ask again with the tool ${actionTool} and id ${view.id}.`;
  return view.editedTo === undefined ? "" : ` Follow it with the tool ${actionTool} and id ${view.editedTo.action}.`;
}

function noticeBody(call: RpcCall, view: ActionView): JsonObject {
  const approvers = view.requirements.flatMap((need) =>
    need.kind === "approval" ? [{ from: need.from, count: need.count }] : [],
  );
  return {
    state: view.state,
    ...(view.refusal === undefined ? {} : { refusal: view.refusal }),
    sentence: view.sentence,
    action: view.id,
    receipt: view.receipt,
    ...(view.questions === undefined ? {} : { questions: view.questions }),
    ...(view.editedTo === undefined ? {} : { editedTo: view.editedTo }),
    ...(view.editOf === undefined ? {} : { editOf: view.editOf }),
    ...(isOpen(view)
      ? {
          needs: view.requirements.map((need) => need.sentence),
          approvers,
          approval: call.setting.config.approvalUrl(view.id),
        }
      : {}),
  };
}
