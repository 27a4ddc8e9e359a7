export const preservationScopes = ["action", "run", "workflow", "agent"] as const;
export type PreservationScope = (typeof preservationScopes)[number];

/** A legal hold: what it names is not erased while it is in force, by nobody and by no rule. */
export interface Preservation {
  readonly id: string;
  readonly scope: PreservationScope;
  readonly name: string;
  readonly reason: string;
  readonly by: string;
  readonly takenAt: string;
  /** Null: until it is ended. */
  readonly until: string | null;
  readonly endedAt: string | null;
  readonly endedBy: string | null;
}
