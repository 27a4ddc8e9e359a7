export type PreservationScope = "action" | "run" | "workflow" | "agent";

/** A legal hold: what it names is not erased while it is in force, by nobody and by no rule. */
export interface Preservation {
  readonly id: string;
  readonly scope: PreservationScope;
  readonly name: string;
  readonly reason: string;
  readonly by: string;
  /** Who let the one who took it log in. */
  readonly vouchedBy: readonly string[];
  readonly takenAt: string;
  /** Null: until it is ended. */
  readonly until: string | null;
  readonly endedAt: string | null;
  readonly endedBy: string | null;
}
