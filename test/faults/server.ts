// The product as a process that ends, or stops, itself at a named step: assembled as it is shipped, driven over IPC.
import type { Point, Submission } from "../../packages/countersign/src/action/index.ts";
import { assemble } from "../../packages/countersign/src/assemble.ts";
import { systemClock } from "../../packages/countersign/src/floor/clock.ts";
import { silent } from "../../packages/countersign/src/floor/log.ts";
import { callerOf, configOf, nothing } from "./world.ts";

export interface ServerOrders {
  readonly folder: string;
  readonly databaseUrl: string;
  readonly databaseAdminUrl: string;
  readonly leaseMs: number;
}

/** What to do at which step, from now on. */
export interface Order {
  readonly id: number;
  readonly submission?: Submission;
  readonly resume?: string;
  readonly at?: Point;
  readonly occurrence?: number;
  readonly signal?: "SIGKILL" | "SIGSTOP";
}

const orders = JSON.parse(process.argv[2] ?? "{}") as ServerOrders;
let trap: Order | undefined;
let seen = 0;
const plane = await assemble({
  config: configOf(orders.folder, orders),
  clock: systemClock,
  log: silent,
  tally: nothing,
  instead: {
    leaseMs: orders.leaseMs,
    at: (point) => {
      if (trap?.at !== point || ++seen < (trap.occurrence ?? 1)) return;
      const { signal = "SIGKILL" } = trap;
      trap = undefined;
      process.kill(process.pid, signal);
    },
  },
});

process.on("message", (order: Order) => {
  seen = 0;
  trap = order.at === undefined ? undefined : order;
  if (order.resume !== undefined) plane.hall.nudge(order.resume);
  if (order.submission === undefined) return;
  plane.hall.submit(callerOf(plane.control), order.submission, { waitMs: 0 }).then(
    ({ view }) => process.send?.({ id: order.id, view }),
    (thrown: unknown) => process.send?.({ id: order.id, fault: String(thrown) }),
  );
});
process.on("disconnect", () => process.exit(0));
process.send?.({ ready: true });
