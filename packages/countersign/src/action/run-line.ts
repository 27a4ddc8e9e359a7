import type { Tier } from "@countersign/contract";
import type { Caller } from "../identity/caller.ts";
import type { PlannedStep, RunOf } from "./call.ts";
import type { Plane } from "./plane.ts";
import type { RunRow } from "./run-sql.ts";

/**
 * Whether the plans that hold for a run name a step. The line goes from the run to the nearest one above it that a
 * person opened. Each plan in it holds: what an agent opens is within what it was opened under. That a plan asks for
 * the step, and not just lets it pass, only the person's own plan can say.
 */
export function plannedIn(
  line: readonly Pick<RunRow, "plan" | "trusted">[],
  step: Required<PlannedStep>,
): boolean | undefined {
  const plans = line.flatMap(({ plan }) => (plan === null ? [] : [plan]));
  if (plans.length === 0) return undefined;
  if (!plans.every((plan) => plan.some((planned) => names(planned, step)))) return false;
  const top = line.at(-1);
  return top?.trusted === true && top.plan === null ? undefined : true;
}

/** Whether a step of a plan is this one: any target where it names none. */
export function names(planned: PlannedStep, step: PlannedStep): boolean {
  return planned.tool === step.tool && (planned.target === undefined || planned.target === step.target);
}

/** The tier under which a call of a run is decided: no higher than that of any agent above it. One that is gone has none. */
export function tierUnder(plane: Plane, { tier }: Pick<Caller, "tier">, { above = [] }: Pick<RunOf, "above">): Tier {
  const tiers = above.map(({ agent, workflow }) => plane.caller(agent, workflow)?.tier ?? 0);
  return Math.min(tier, ...tiers) as Tier;
}

/** What the limits of one run count: a run and all that was opened under it are one. */
export function countedRun({ id, root }: Pick<RunOf, "id" | "root">): string {
  return root ?? id;
}
