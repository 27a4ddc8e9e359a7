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
