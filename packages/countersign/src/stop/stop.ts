export const stopScopes = ["agent", "workflow", "tool", "system", "everything"] as const;
export type StopScope = (typeof stopScopes)[number];

/** A stop that is in force until it is lifted or its time is over. */
export interface Stop {
  readonly id: string;
  readonly scope: StopScope;
  /** What is stopped; `*` where everything is. */
  readonly name: string;
  readonly reason: string;
  readonly by: string;
  /** Who vouched for the login that took it. */
  readonly vouchedBy: readonly string[];
  readonly takenAt: string;
  readonly untilMs: number | null;
}

export interface StopQuestion {
  readonly agent: string;
  readonly workflow: string;
  /** `server.tool`. */
  readonly tool: string;
  readonly system: string;
}

/** The stop that applies, if any. Small, alone, asked at every door and again before the wire. */
export function findStop(stops: readonly Stop[], asked: StopQuestion, nowMs: number): Stop | undefined {
  return stops.find((stop) => (stop.untilMs === null || nowMs < stop.untilMs) && covers(stop, asked));
}

function covers(stop: Stop, asked: StopQuestion): boolean {
  switch (stop.scope) {
    case "everything":
      return true;
    case "agent":
      return stop.name === asked.agent;
    case "workflow":
      return stop.name === asked.workflow;
    case "system":
      return stop.name === asked.system;
    case "tool":
      return stop.name === asked.tool || asked.tool.startsWith(`${stop.name}.`);
  }
}
