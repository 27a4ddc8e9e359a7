import type { Json, ReversalPlan } from "@countersign/contract";
import { captureCall, type PlannedCall, planReversal } from "../catalog/index.ts";
import type { ReversalRule } from "../catalog/tool.ts";
import { iso } from "../floor/clock.ts";
import { Problem } from "../floor/problem.ts";
import type { Call } from "./call.ts";
import { changedSince } from "./changed-since.ts";
import type { Parts } from "./parts.ts";
import { readThrough } from "./read-through.ts";

export interface Captured {
  readonly reversal: "plan" | "irreversible" | "none";
  /** The exact call that would undo this one, or why there is none. */
  readonly plan: ReversalPlan;
  readonly before?: Json;
  /** Of an undo, where its target is not for certain as the deed left it: the digest of what is there now. */
  readonly since?: string;
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

/** Reads the state that the undo needs, and of an undo what it would undo. Only for calls that policy does not refuse. */
export async function capture(parts: Parts, call: Call): Promise<Captured> {
  if (call.classified.verb === "read") return readCaptured;
  const rule = ruleOf(call);
  const at = iso(parts.ledger.now());
  const args = call.submission.args;
  const failed = () => named(planReversal(rule, args, { kind: "failed" }, at));
  let wanted: PlannedCall | undefined;
  try {
    wanted = captureCall(rule, args);
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    return { ...failed(), ...(await changedSince(parts, call)) };
  }
  if (wanted === undefined)
    return { ...named(planReversal(rule, args, { kind: "not_asked" }, at)), ...(await changedSince(parts, call)) };
  const seen = await readThrough(parts, call, wanted);
  if ("reason" in seen) {
    const changed = await changedSince(parts, call);
    return { ...failed(), ...changed, ...(seen.unreached === true ? { unreached: true } : {}) };
  }
  const { result } = seen;
  const changed = await changedSince(parts, call, { wanted, result });
  if (parts.checking.redact(result).count > 0)
    return { ...named({ kind: "none", reason: "the state before holds a secret, so it is not kept" }), ...changed };
  return { ...named(planReversal(rule, args, { kind: "answered", result }, at)), before: result, ...changed };
}

/** The call with what was captured now: an earlier state never stands in for one that could not be read. */
export function withBefore(call: Call, { before, since }: Pick<Captured, "before" | "since">): Call {
  // The same call where nothing was read: what is known of it, as its digest, is known still.
  if (before === undefined && call.before === undefined && since === call.since) return call;
  const { before: _, since: __, ...rest } = call;
  return { ...rest, ...(before === undefined ? {} : { before }), ...(since === undefined ? {} : { since }) };
}

function named(plan: ReversalPlan): Captured {
  return { reversal: plan.kind === "inverse" ? "plan" : plan.kind, plan };
}
