import type { Json, JsonObject, ReversalPlan } from "@countersign/contract";
import { captureCall, type PlannedCall, planReversal } from "../catalog/index.ts";
import type { ReversalRule } from "../catalog/tool.ts";
import { iso } from "../floor/clock.ts";
import { Problem } from "../floor/problem.ts";
import type { Call } from "./call.ts";
import type { Parts } from "./parts.ts";

export interface Captured {
  readonly reversal: "plan" | "irreversible" | "none";
  /** The exact call that would undo this one, or why there is none. */
  readonly plan: ReversalPlan;
  readonly before?: Json;
  /** Nothing is known of the state: whoever was asked for it gave no answer. */
  readonly unreached?: true;
}

function ruleOf(call: Call): ReversalRule {
  return call.classified.reversal ?? call.tool.reversal;
}

/** What the catalog promises of a call's reversal, before anything was read. */
export function promised(call: Call): Captured["reversal"] {
  if (call.classified.verb === "read") return "none";
  const rule = ruleOf(call);
  return rule.kind === "inverse" ? "plan" : rule.kind;
}

export const readCaptured: Captured = { reversal: "none", plan: { kind: "none", reason: "a read changes nothing" } };

/** Reads the state that the undo needs. Only for calls that policy does not refuse. */
export async function capture(parts: Parts, call: Call): Promise<Captured> {
  if (call.classified.verb === "read") return readCaptured;
  const rule = ruleOf(call);
  const at = iso(parts.ledger.now());
  const args = call.submission.args;
  let wanted: PlannedCall | undefined;
  try {
    wanted = captureCall(rule, args);
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    return named(planReversal(rule, args, { kind: "failed" }, at));
  }
  if (wanted === undefined) return named(planReversal(rule, args, { kind: "not_asked" }, at));
  const seen = await readThrough(parts, call, wanted);
  if ("reason" in seen) {
    const failed = named(planReversal(rule, args, { kind: "failed" }, at));
    return seen.unreached === true ? { ...failed, unreached: true } : failed;
  }
  if (parts.checking.redact(seen.result).count > 0) {
    return named({ kind: "none", reason: "the state before holds a secret, so it is not kept" });
  }
  return { ...named(planReversal(rule, args, { kind: "answered", result: seen.result }, at)), before: seen.result };
}

/** The call with the state that was captured now: an earlier one never stands in for one that could not be read. */
export function withBefore(call: Call, { before }: Captured): Call {
  // The same call where nothing was read: what is known of it, as its digest, is known still.
  if (before === undefined && call.before === undefined) return call;
  const { before: _, ...rest } = call;
  return before === undefined ? rest : { ...rest, before };
}

function named(plan: ReversalPlan): Captured {
  return { reversal: plan.kind === "inverse" ? "plan" : plan.kind, plan };
}

export type Read =
  | { readonly result: JsonObject }
  | {
      readonly reason: string;
      readonly unreached?: true;
      /** What the tool answered, where it answered with an error of its own. */
      readonly error?: JsonObject;
    };

/** One read of the gate's own at the action's server: a capture or a reconciler's look. */
export async function readThrough(
  parts: Parts,
  call: Pick<Call, "id" | "caller" | "submission">,
  wanted: PlannedCall,
): Promise<Read> {
  const server = call.submission.server;
  const tool = parts.plane.current().tool(server, wanted.tool);
  if (tool === undefined || !tool.reviewed) return { reason: `\`${server}.${wanted.tool}\` is not a reviewed tool` };
  if (tool.classify(wanted.args).verb !== "read") return { reason: `\`${server}.${wanted.tool}\` is not a read` };
  const answer = await parts.connector.call({
    actionId: call.id,
    server,
    method: "tools/call",
    params: { name: wanted.tool, arguments: wanted.args },
    deadlineMs: Math.min(parts.plane.current().timeoutMs(server), 15_000),
    signal: new AbortController().signal,
    workflow: call.caller.workflow,
    ...(call.caller.onBehalfOf === undefined ? {} : { onBehalfOf: call.caller.onBehalfOf }),
  });
  if (answer.kind !== "answered")
    return { reason: answer.kind === "error" ? answer.error.message : answer.reason, unreached: true };
  if (answer.result.isError === true) return { reason: "the read answered with an error", error: answer.result };
  return { result: answer.result };
}
