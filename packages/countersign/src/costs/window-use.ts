/** What one call takes of one window. */
export interface WindowUse {
  readonly key: string;
  readonly amount: number;
  /** False where the call counts only once it is done. */
  readonly counted: boolean;
  /** How long some window looks at it, in ms; for ever where absent. */
  readonly forMs?: number;
}

/** A window to look at, with how far back: no further than the newest use of another call under `sinceKey`. */
export interface WindowLook {
  readonly key: string;
  readonly withinMs?: number;
  readonly sinceKey?: string;
}

export interface WindowSeen {
  readonly calls: number;
  readonly sum: number;
}
