/** The states of an action and every move between them: the one table from which code, database and pictures derive. */
export const moves = {
  received: ["held", "ready", "running", "refused", "failed"],
  held: ["held", "ready", "refused"],
  ready: ["held", "running", "refused", "failed"],
  running: ["done", "failed", "unknown"],
  unknown: ["done", "failed", "unknown"],
  done: ["reversed"],
  failed: [],
  refused: [],
  reversed: [],
} as const satisfies Record<string, readonly string[]>;

export type State = keyof typeof moves;

export const states = Object.keys(moves) as readonly State[];

/** States that a later entry can still change without a new deed of a person. */
export const openStates = ["held", "ready", "running", "unknown"] as const satisfies readonly State[];

export function mayMove(from: State, to: State): boolean {
  return (moves[from] as readonly State[]).includes(to);
}

/** Why an action is `refused`. */
export type Refusal =
  | "policy"
  | "denied"
  | "lapsed"
  | "stopped"
  | "cancelled"
  | "edited"
  | "check"
  | "tool"
  | "budget"
  | "caller";
