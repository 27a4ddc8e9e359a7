import type { ReversalPlan } from "@countersign/contract";
import type { Plane } from "./plane.ts";
import type { CallRecord } from "./record.ts";
import type { ActionRecord } from "./stored-record.ts";

export type Way =
  | { readonly plan: Extract<ReversalPlan, { kind: "inverse" }>; readonly call: CallRecord }
  | { readonly why: string; readonly help?: string };

const byHand = "undo it by hand and note it on the receipt";

/** How a done action is undone by the plan that was captured before it ran, or why it cannot be. */
export function wayBack(plane: Plane, records: readonly (ActionRecord | null)[]): Way {
  const call = records[0]?.call;
  if (call === undefined) return { why: "its record cannot be opened any more, and its undo with it" };
  if (plane.tool(call.server, call.tool) === undefined)
    return { why: "its tool is no longer in the catalog, so its undo cannot be decided" };
  const plan = records.findLast((record) => record?.plan !== undefined)?.plan;
  if (plan?.kind !== "inverse")
    return { why: `this action cannot be reversed: ${plan?.reason ?? "no plan was captured"}`, help: byHand };
  const outcome = records.findLast((record) => record?.kind !== undefined);
  // INVARIANT: where nothing was looked at before, a deed that its server called an error is not undone. A create that
  // failed because the thing was there already would be undone by deleting what somebody else made.
  if (plan.before === null && (outcome?.isError === true || outcome?.error !== undefined))
    return {
      why: "its server answered with an error, so there may be nothing of it to undo",
      help: "look at the target, and undo it by hand if it did happen",
    };
  return { plan, call };
}
