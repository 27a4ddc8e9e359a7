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
/** Such work takes half of the time that others leave, and this much where they leave none. */
const leastShare = 0.05;
const longestRestMs = 2_000;

export function createPace(): Pace {
  let isOver = false;
  let worked = performance.eventLoopUtilization();
  return {
    async rest() {
      const { active } = performance.eventLoopUtilization(worked);
      const glance = performance.eventLoopUtilization();
      await sleep(glanceMs, undefined, { ref: false });
      const { utilization: others } = performance.eventLoopUtilization(glance);
      const share = Math.max(leastShare, (1 - others) / 2);
      if (others > idle) await sleep(Math.min(longestRestMs, active * (1 / share - 1)), undefined, { ref: false });
      worked = performance.eventLoopUtilization();
      if (isOver) throw new Problem("unavailable", "this server is going down");
    },
    stop() {
      isOver = true;
    },
  };
}
