import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { Problem } from "./problem.ts";

/** Keeps work that nobody waits for from taking turns away from what somebody waits for. */
export interface Pace {
  /** After each slice of work: rests a moment, and for long where this process is busy with others meanwhile. */
  rest(): Promise<void>;
  /** From now on `rest` fails: the work is broken off where it stands. */
  stop(): void;
}

const glanceMs = 10;
/** Below this share of the event loop's time in that glance, nobody is kept waiting. */
const idle = 0.2;
/** Where others leave nothing, such work takes this of what it may take of their time. */
const least = 0.2;
const longestRestMs = 2_000;

/** Takes `part` of the time that others leave. The first slice begins now, each other where a rest ended. */
export function createPace(part = 0.5): Pace {
  let isOver = false;
  let began = performance.now();
  return {
    async rest() {
      // All of its time, not this process's own part: what it waits for keeps PostgreSQL busy, on the same cores.
      const took = performance.now() - began;
      const glance = performance.eventLoopUtilization();
      await sleep(glanceMs, undefined, { ref: false });
      const { utilization: others } = performance.eventLoopUtilization(glance);
      const share = part * Math.max(least, 1 - others);
      if (others > idle) await sleep(Math.min(longestRestMs, took * (1 / share - 1)), undefined, { ref: false });
      began = performance.now();
      if (isOver) throw new Problem("unavailable", "this server is going down");
    },
    stop() {
      isOver = true;
    },
  };
}
