import type { ApprovalFact } from "@countersign/contract";
import type { Plane } from "./plane.ts";

/** To whom a question was escalated, and in whose place they answer. */
export interface Standing {
  readonly people: readonly string[];
  readonly inPlaceOf: readonly string[];
}

/** Of a question that was not escalated. */
export const nobodyStandsIn: Standing = { people: [], inPlaceOf: [] };

/** What people gave, as far as it stands now: who may not break the glass any more, has not. */
export function standingNow(
  plane: Plane,
  workflow: string,
  given: readonly ApprovalFact[],
  standing: Standing,
): readonly ApprovalFact[] {
  return given
    .filter(({ glass, person }) => glass === undefined || mayBreak(plane, workflow, person))
    .map((one) => ({ ...one, groups: one.glass === undefined ? capacitiesOf(plane, workflow, one, standing) : [] }));
}

/** Whether the workspace in force lets this person answer alone in place of all that are missing. */
export function mayBreak(plane: Plane, workflow: string, person: string): boolean {
  return (plane.answering?.breakGlass?.by ?? []).some((from) => plane.asked(from, workflow).includes(person));
}

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
