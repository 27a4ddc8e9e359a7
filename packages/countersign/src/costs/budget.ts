/** Calls that a workflow may dispatch per window. Absent: no limit of that kind. */
export interface Limits {
  readonly perMinute?: number;
  readonly perRun?: number;
  readonly perDay?: number;
}

export interface Window {
  readonly scope: string;
  readonly limit: number;
  /** Start of the window, ms since the epoch; a run's window starts at 0 and never ends. */
  readonly startsMs: number;
  readonly name: string;
}

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** The windows that one dispatch counts in. Days are UTC days. */
export function windowsOf(workflow: string, run: string, limits: Limits, nowMs: number): readonly Window[] {
  const windows: Window[] = [];
  if (limits.perMinute !== undefined) {
    windows.push({
      scope: `minute:${workflow}`,
      limit: limits.perMinute,
      startsMs: nowMs - (nowMs % minuteMs),
      name: "a minute",
    });
  }
  if (limits.perDay !== undefined) {
    windows.push({ scope: `day:${workflow}`, limit: limits.perDay, startsMs: nowMs - (nowMs % dayMs), name: "a day" });
  }
  if (limits.perRun !== undefined)
    windows.push({ scope: `run:${run}`, limit: limits.perRun, startsMs: 0, name: "a run" });
  return windows;
}
