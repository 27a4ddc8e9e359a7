import type { Reach } from "@countersign/contract";
import { reachBefore, reachUnread } from "../catalog/index.ts";
import type { Call } from "./call.ts";

/**
 * How much a call touches. What its target's state tells is taken for none until that was captured; from then on, what
 * the state does not tell is no fact, and a cap on it refuses.
 */
export function reachOf({ before, classified, tool }: Call, captured: boolean): Reach | undefined {
  const { countsBefore } = tool;
  if (countsBefore === undefined) return classified.reach;
  // INVARIANT: nothing is ever captured for a read, so none of it may count as not captured yet.
  const isRead = captured || classified.verb === "read";
  return { ...classified.reach, ...(isRead ? reachBefore(countsBefore, before) : reachUnread(countsBefore)) };
}
