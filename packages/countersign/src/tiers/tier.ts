import type { Tier } from "@countersign/contract";
import { isInForce, type Waiver } from "./waiver.ts";

/**
 * The most that each phase of the rollout lets any agent do: A identity and logging, B approval gates, C evals,
 * D execution outside production, E narrow production.
 */
export const phaseCeilings = { A: 0, B: 1, C: 1, D: 2, E: 3 } as const satisfies Record<string, Tier>;

export interface Standing {
  readonly agent: string;
  readonly workflow: string;
  /** What the workflow file asks for: never exceeded, whatever a waiver says. */
  readonly asked: Tier;
  /** What the phase of the rollout allows at most. */
  readonly ceiling?: Tier;
}

/** The tier in force: the highest waiver that stands now, within what was asked for and the ceiling; else 0. */
export function tierInForce(standing: Standing, waivers: readonly Waiver[], atMs: number): Tier {
  const waived = waivers
    .filter(({ agent, workflow }) => agent === standing.agent && workflow === standing.workflow)
    .filter((waiver) => isInForce(waiver, atMs))
    .map((waiver) => waiver.tier);
  const highest = waived.reduce<Tier>(higher, 0);
  return lower(lower(highest, standing.asked), standing.ceiling ?? 3);
}

function higher(one: Tier, other: Tier): Tier {
  return one > other ? one : other;
}

function lower(one: Tier, other: Tier): Tier {
  return one < other ? one : other;
}
