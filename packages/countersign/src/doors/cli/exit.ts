import type { Action } from "@countersign/client";
import { exits } from "@countersign/contract";

/** How a command ends that tells how an action stands: with 0 only where it did what was asked, or still may. */
export function exitOf({ state, isError }: Pick<Action, "state" | "isError">): number {
  if (state === "refused") return exits.refused;
  if (state === "unknown") return exits.notEnough;
  return state === "failed" || (state === "done" && isError === true) ? exits.doesNotHold : exits.ok;
}
