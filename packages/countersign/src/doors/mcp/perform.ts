import { canonical, type Json, type JsonObject } from "@countersign/contract";
import { replyBody } from "@countersign/contract/api";
import type { Submitted } from "../../action/hall.ts";
import type { Submission, SubmitOptions } from "../../action/submission.ts";
import { isObject, objectAt, rpcCodes } from "../../execution/mcp/index.ts";
import { digestText } from "../../floor/digest.ts";
import { isId } from "../../floor/id.ts";
import { isOpen, toOutcome } from "./answer.ts";
import { held, isToldHow } from "./held.ts";
import type { Outcome } from "./outlet.ts";
import { Rejection } from "./rejection.ts";
import { openState, type StateUse, sealState } from "./request-state.ts";
import type { RpcCall } from "./rpc-call.ts";
import { actionTool, ownMeta } from "./setting.ts";
import { type GovernedMethod, toSubmission } from "./target.ts";

const maxRounds = 8;

/** Everything that may have an effect goes this one way: into the hall, and its answer back. */
export async function perform(call: RpcCall, method: GovernedMethod): Promise<Outcome> {
  if (method === "tools/call" && call.params.name === actionTool && !call.scope.transparent) return lookUp(call);
  const submission = await toSubmission(call, method);
  const use: StateUse = { caller: call.caller, server: submission.server, method, args: withName(submission) };
  const { setting, caller } = call;
  const opened = unseal(call, submission, use);
  await call.attach?.(submission.server);
  if ("held" in opened) {
    const view = await setting.hall.wait(caller, opened.held, patience(call), call.signal);
    return conclude(call, { view }, use);
  }
  const progress = progressWhileHeld(call);
  try {
    const first = await setting.hall.submit(caller, opened.submission, options(call, progress.start));
    const last = call.era === "legacy" ? await askClient(call, opened.submission, first) : first;
    return await conclude(call, last, use);
  } finally {
    progress.stop();
  }
}

/** How long a call waits while it is held: the door's measure, or what the agent asks for where that is less. */
function patience({ params, setting }: RpcCall): number {
  const asked = objectAt(params, "_meta")[`${ownMeta}wait-ms`];
  return typeof asked === "number" && asked >= 0 ? Math.min(asked, setting.config.waitMs) : setting.config.waitMs;
}

const promptMs = 1_000;

// The name belongs to what a request state is bound to: a state for one tool must not open another tool's request.
function withName(submission: Submission): JsonObject {
  return { tool: submission.tool, args: submission.args };
}

function unseal(
  call: RpcCall,
  submission: Submission,
  use: StateUse,
): { readonly held: string } | { readonly submission: Submission } {
  const { requestState, inputResponses, ...params } = submission.params;
  if (call.era === "legacy") return { submission: { ...submission, params } };
  if (requestState === undefined) return { submission: withUnasked({ ...submission, params }, inputResponses) };
  const { config, clock } = call.setting;
  if (typeof requestState !== "string")
    throw new Rejection(400, rpcCodes.invalidParams, "`requestState` must be a string");
  const sealed = openState(requestState, use, clock.now(), config.stateKeys);
  if (sealed.kind === "held") return { held: sealed.action };
  return { submission: nextRound({ ...submission, params }, sealed.action, inputResponses, sealed.state) };
}

/** Input that came without a state: the revision lets a server use it. A key of the agent's then stands for both. */
function withUnasked(submission: Submission, inputResponses: Json | undefined): Submission {
  if (inputResponses === undefined) return submission;
  const { idempotencyKey: key } = submission;
  const own = key === undefined ? {} : { idempotencyKey: keyFor(key, inputResponses) };
  return { ...submission, ...own, params: { ...submission.params, inputResponses } };
}

function keyFor(first: string, inputResponses: Json | undefined): string {
  return `input-${digestText(canonical([first, inputResponses ?? null])).slice(7)}`;
}

/**
 * The same call again, with the input that the server wanted. It is another action than the one that asked: under a key
 * of its own, so that it neither gets the first one's outcome nor happens twice where the client sends it again.
 */
function nextRound(
  submission: Submission,
  asked: string,
  inputResponses: Json | undefined,
  state: Json | undefined,
): Submission {
  const params = {
    ...submission.params,
    ...(inputResponses === undefined ? {} : { inputResponses }),
    ...(state === undefined ? {} : { requestState: state }),
  };
  return { ...submission, params, idempotencyKey: keyFor(asked, inputResponses) };
}

function options(call: RpcCall, onHeld: () => void): SubmitOptions {
  const { config } = call.setting;
  return {
    signal: call.signal,
    waitMs: Math.min(patience(call), isToldHow(call) ? promptMs : config.waitMs),
    deadlineMs: config.deadlineMs,
    relay: {
      notify: (message) => call.outlet.notify(message),
      request: (message) => call.outlet.ask(message),
      letGo: () => call.outlet.letGo(),
    },
    onHeld,
    ...(call.session === undefined ? {} : { session: call.session }),
  };
}

async function conclude(call: RpcCall, submitted: Submitted, use: StateUse): Promise<Outcome> {
  const { config, clock, hall } = call.setting;
  const { view } = submitted;
  if (submitted.answer === undefined && isOpen(view)) return held(call, view, use);
  const outcome = await toOutcome(call, submitted);
  call.outlet.onDelivered(() => hall.delivered(view));
  if (call.era === "legacy" || !("result" in outcome)) return outcome;
  const { resultType, requestState } = outcome.result;
  if (resultType !== "input_required") return outcome;
  const state = typeof requestState === "string" ? { state: requestState } : {};
  const untilMs = clock.now() + config.stateTtlMs;
  const sealed = sealState({ kind: "upstream", action: view.id, ...state }, use, untilMs, config.stateKeys);
  return { result: { ...outcome.result, requestState: sealed } };
}

/** A server of the newer era that needs input asks through its result; an older client is asked by request instead. */
async function askClient(call: RpcCall, submission: Submission, first: Submitted): Promise<Submitted> {
  let submitted = first;
  for (let round = 0; round < maxRounds; round++) {
    const result = submitted.answer !== undefined && "result" in submitted.answer ? submitted.answer.result : undefined;
    if (!isObject(result) || result.resultType !== "input_required") return submitted;
    const inputResponses: Record<string, JsonObject> = {};
    for (const [key, wanted] of Object.entries(objectAt(result, "inputRequests"))) {
      const answer = isObject(wanted) ? await call.outlet.ask(wanted) : {};
      if (!isObject(answer.result))
        throw new Rejection(200, rpcCodes.invalidParams, "the client did not give the input that the server needs");
      inputResponses[key] = answer.result;
    }
    const { hall } = call.setting;
    hall.delivered(submitted.view);
    const next = nextRound(submission, submitted.view.id, inputResponses, result.requestState);
    submitted = await hall.submit(
      call.caller,
      next,
      options(call, () => {}),
    );
  }
  throw new Rejection(200, rpcCodes.fault, "the server asked for input too many times");
}

async function lookUp(call: RpcCall): Promise<Outcome> {
  const { id, reply, question } = objectAt(call.params, "arguments");
  if (!isId("act", id))
    throw new Rejection(200, rpcCodes.invalidParams, "`id` must be the id of an action, such as `act_…`");
  const { hall } = call.setting;
  if (reply !== undefined) await hall.reply(call.caller, id, saidIn(reply, question));
  const view = await hall.wait(call.caller, id, patience(call), call.signal);
  const outcome = await toOutcome(call, { view });
  if (!isOpen(view)) call.outlet.onDelivered(() => hall.delivered(view));
  return outcome;
}

function saidIn(reply: Json, question: Json | undefined): Parameters<RpcCall["setting"]["hall"]["reply"]>[2] {
  const parsed = replyBody.safeParse({ reply, ...(question === undefined ? {} : { question }) });
  if (parsed.success) return parsed.data;
  throw new Rejection(
    200,
    rpcCodes.invalidParams,
    "`reply` is 1 to 4000 characters, and `question` the number of a question",
  );
}

const progressMs = 5_000;

function progressWhileHeld(call: RpcCall): { start: () => void; stop: () => void } {
  const progressToken = objectAt(call.params, "_meta").progressToken;
  let timer: NodeJS.Timeout | undefined;
  let step = 0;
  const tell = () => {
    step += 1;
    // Small steps, so that they stay below the first whole number that the server itself may report.
    const params = {
      progressToken: progressToken ?? 0,
      progress: step / 1_000_000,
      message: "held: waiting for an approval",
    };
    call.outlet.notify({ jsonrpc: "2.0", method: "notifications/progress", params });
  };
  return {
    start() {
      if (progressToken === undefined || timer !== undefined) return;
      tell();
      timer = setInterval(tell, progressMs).unref();
    },
    stop: () => clearInterval(timer),
  };
}
