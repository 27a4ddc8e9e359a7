import type { Clock } from "../floor/clock.ts";

/** Database time as this process knows it: rising without repeats, to the microsecond. */
export interface Stamp {
  next(): string;
  now(): number;
  heard(databaseMs: number): void;
  skewMs(): number;
}

export function createStamp(clock: Clock, databaseMs: number): Stamp {
  let offsetMs = databaseMs - clock.tick();
  let lastMicros = 0;
  let skewMs = clock.now() - databaseMs;
  const nowMs = (): number => clock.tick() + offsetMs;
  return {
    next() {
      lastMicros = Math.max(Math.floor(nowMs() * 1000), lastMicros + 1);
      const ms = Math.floor(lastMicros / 1000);
      const micros = String(lastMicros - ms * 1000).padStart(3, "0");
      return `${new Date(ms).toISOString().slice(0, -1)}${micros}Z`;
    },
    now: nowMs,
    heard(ms) {
      offsetMs = ms - clock.tick();
      skewMs = clock.now() - ms;
    },
    skewMs: () => skewMs,
  };
}
