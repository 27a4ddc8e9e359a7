import { systemClock } from "../../floor/clock.ts";
import { endPostmaster, type LaunchPlan, launch, type Running } from "./launch.ts";
import { isPostmasterOf } from "./postmaster.ts";

export interface Kept {
  pid(): number;
  stop(): Promise<void>;
}

const lookMs = 250;
const maxPauseMs = 15_000;

/** Starts the server again, at the same place, whenever it ends without having been asked to. */
export function keepRunning(plan: LaunchPlan, first: Running): Kept {
  const { cluster } = plan.layout;
  let running = first;
  let restart: Promise<void> | undefined;
  let failures = 0;
  let notBefore = 0;
  let isStopped = false;

  const again = async () => {
    plan.log.error({ pid: running.pid }, "the embedded postgres ended by itself; it is started again");
    try {
      running = await launch({ ...plan, listening: first.listening });
      failures = 0;
    } catch (cause) {
      failures += 1;
      notBefore = systemClock.tick() + Math.min(500 * 2 ** failures, maxPauseMs);
      plan.log.error({ cause }, "the embedded postgres could not be started again; it is tried later");
    }
  };
  const timer = setInterval(() => {
    if (restart !== undefined || systemClock.tick() < notBefore || isPostmasterOf(running.pid, cluster)) return;
    restart = again().finally(() => {
      restart = undefined;
    });
  }, lookMs);
  timer.unref();

  return {
    pid: () => running.pid,
    async stop() {
      if (isStopped) return;
      isStopped = true;
      clearInterval(timer);
      await restart;
      await endPostmaster(running.pid, cluster);
    },
  };
}
