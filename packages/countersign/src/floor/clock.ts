/** The only source of time. A test or a simulation passes its own. */
export interface Clock {
  /** Milliseconds since the epoch; may have a fraction. */
  now(): number;
  /** Monotonic milliseconds, for leases and durations. */
  tick(): number;
}

export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  tick: () => performance.now(),
};

export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** Orders two moments of the database as they are written, to the microsecond; `infinity` is the last. */
export function compareMoments(one: string, other: string): number {
  const [a, b] = [sortable(one), sortable(other)];
  return a < b ? -1 : a > b ? 1 : 0;
}

function sortable(at: string): string {
  if (at === "infinity") return "~";
  const [whole = "", fraction = ""] = at.replace("Z", "").split(".");
  return `${whole}.${fraction.padEnd(6, "0")}`;
}
