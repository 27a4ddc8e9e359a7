import type { Clock } from "../floor/clock.ts";

/** Database time as this process knows it: rising without repeats, to the microsecond. */
export interface Stamp {
  next(): string;
  /** Never before what was stamped last. */
  now(): number;
  /** The database told its time, at some moment since it was asked at this tick. */
  heard(databaseMs: number, askedTick: number): void;
  /** This machine's clock less the database's. */
  skewMs(): number;
}

export function createStamp(clock: Clock, databaseMs: number): Stamp {
  let offsetMs = databaseMs - clock.tick();
  let lastMicros = 0;
  const nowMs = (): number => clock.tick() + offsetMs;
  return {
    next() {
      lastMicros = Math.max(Math.floor(nowMs() * 1000), lastMicros + 1);
      const ms = Math.floor(lastMicros / 1000);
      const micros = String(lastMicros - ms * 1000).padStart(3, "0");
      return `${new Date(ms).toISOString().slice(0, -1)}${micros}Z`;
    },
    now: () => Math.max(nowMs(), lastMicros / 1000),
    heard(ms, askedTick) {
      // What was read late, as after a pause, tells little: it moves this time no further than it contradicts it.
      offsetMs = Math.min(Math.max(offsetMs, ms - clock.tick()), ms - askedTick);
    },
    skewMs: () => clock.now() - nowMs(),
  };
}
