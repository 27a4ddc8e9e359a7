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
  let highest: Tier = 0;
  for (const waiver of waivers) {
    if (waiver.agent !== standing.agent || waiver.workflow !== standing.workflow) continue;
    if (waiver.tier > highest && isInForce(waiver, atMs)) highest = waiver.tier;
  }
  return lower(lower(highest, standing.asked), standing.ceiling ?? 3);
}

function lower(one: Tier, other: Tier): Tier {
  return one < other ? one : other;
}
