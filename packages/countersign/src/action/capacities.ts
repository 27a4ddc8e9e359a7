import type { ApprovalFact } from "@countersign/contract";
import type { Plane } from "./plane.ts";

/** To whom a question was escalated, and in whose place they answer. */
export interface Standing {
  readonly people: readonly string[];
  readonly inPlaceOf: readonly string[];
}

/** Of a question that was not escalated. */
export const nobodyStandsIn: Standing = { people: [], inPlaceOf: [] };

/** What this person can be asked as now: who has left a group since, or no longer stands in, no longer answers for it. */
export function capacitiesOf(
  plane: Plane,
  workflow: string,
  given: ApprovalFact,
  standing: Standing,
): readonly string[] {
  const all = [...given.groups.filter((group) => group !== "dri"), "dri", given.person];
  const own = all.filter((from) => plane.asked(from, workflow).includes(given.person));
  const standsIn = standing.people.includes(given.person) && plane.mayStandIn?.(workflow, given.person) === true;
  return standsIn ? [...new Set([...own, ...standing.inPlaceOf])] : own;
}
