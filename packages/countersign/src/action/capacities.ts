import type { ApprovalFact } from "@countersign/contract";
import type { Plane } from "./plane.ts";

/** What this person can be asked as now: who has left a group since, or no longer stands in, no longer answers for it. */
export function capacitiesOf(plane: Plane, workflow: string, given: ApprovalFact): readonly string[] {
  const all = [...given.groups.filter((group) => group !== "dri"), "dri", given.person];
  return all.filter((from) => plane.asked(from, workflow).includes(given.person));
}
