import type { OutcomeChange } from "../policy/index.ts";
import type { ChangeCount, Differing, SimulatedChange } from "./simulation.ts";

/** What a replay of some actions found, the newest first. It survives the way from one thread to another. */
export interface Replayed {
  actions: number;
  replayed: number;
  erased: number;
  same: number;
  otherSet: number;
  /** What nobody gathered when they were decided, and what is stored does not tell either. */
  untold: number;
  readonly counts: { [change in OutcomeChange]: number };
  /** In the order in which they were found first. */
  readonly by: Map<string, ChangeCount>;
  readonly changes: SimulatedChange[];
  readonly differing: Differing[];
  readonly took: { readMs: number; reproduceMs: number; evaluateMs: number };
}

/** How much of it is wanted. */
export interface ReplayBounds {
  /** No further action is looked at once so many decisions were. */
  readonly decisions: number;
  readonly changes: number;
  readonly differing: number;
}

export const mostChanges = 1_000;
export const mostDiffering = 100;

export function nothingReplayed(): Replayed {
  return {
    actions: 0,
    replayed: 0,
    erased: 0,
    same: 0,
    otherSet: 0,
    untold: 0,
    counts: { allowed: 0, denied: 0, asked: 0, waiting: 0, "asked otherwise": 0 },
    by: new Map(),
    changes: [],
    differing: [],
    took: { readMs: 0, reproduceMs: 0, evaluateMs: 0 },
  };
}

export function countChange(found: Pick<Replayed, "by">, one: ChangeCount): void {
  const key = `${one.workflow}\n${one.tool}\n${one.change}`;
  const { count = 0 } = found.by.get(key) ?? {};
  found.by.set(key, { ...one, count: count + one.count });
}

/** Adds what was found in the actions that come next. */
export function addReplayed(sum: Replayed, next: Replayed): void {
  for (const name of ["actions", "replayed", "erased", "same", "otherSet", "untold"] as const) sum[name] += next[name];
  for (const change of Object.keys(sum.counts) as OutcomeChange[]) sum.counts[change] += next.counts[change];
  for (const one of next.by.values()) countChange(sum, one);
  sum.changes.push(...next.changes.slice(0, mostChanges - sum.changes.length));
  sum.differing.push(...next.differing.slice(0, mostDiffering - sum.differing.length));
  for (const stage of ["readMs", "reproduceMs", "evaluateMs"] as const) sum.took[stage] += next.took[stage];
}
