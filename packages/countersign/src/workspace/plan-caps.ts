import type { Workflow } from "../workflows/index.ts";
import { isHigher, type Say } from "./change.ts";

/** What changes in how much one call may touch. */
export function sayCaps(was: Workflow, is: Workflow, say: Say): void {
  for (const unit of ["objects", "customers", "nodes", "rows"] as const) {
    const [old, now] = [was.caps[unit], is.caps[unit]];
    if (old !== now)
      say(
        `one call may touch ${now === undefined ? "any number of" : `at most ${now}`} ${unit}; it was ${old ?? "not capped"}`,
        isHigher(old, now) ? "wider" : "none",
      );
  }
  const [old, now] = [was.caps.money, is.caps.money];
  if (old?.amountMicros === now?.amountMicros && old?.currency === now?.currency) return;
  const wider =
    now === undefined || old === undefined
      ? now === undefined
      : old.currency !== now.currency || isHigher(old.amountMicros, now.amountMicros);
  say("how much money one call may move changes", wider ? "wider" : "none");
}
