import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Tally } from "../../action/index.ts";

/** Read when somebody asks for the figures. */
export interface Gauges {
  readonly open: () => Promise<Readonly<Record<string, number>>>;
  readonly skewMs: () => number;
  readonly ledgerAlive: () => boolean;
  readonly ledgerSize: () => number;
  readonly ledgerLag: () => Promise<number>;
  readonly lookupLag: () => Promise<number>;
  readonly streams: () => number;
  readonly notices: () => Promise<{ readonly waiting: number; readonly dead: number; readonly oldestMs: number }>;
  readonly decisionLog: () => { readonly queued: number; readonly sent: number; readonly lost: number };
}

export interface Metrics {
  readonly tally: Tally;
  /** In the text format of Prometheus. */
  text(gauges: Gauges): Promise<string>;
  readonly contentType: string;
  answered(method: string, route: string, status: number, ms: number): void;
}

const seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Counters and latencies. Labels hold words of this product only, never a name from outside. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const moved = new Counter({
    name: "countersign_actions_total",
    help: "Actions that came into a state, by verb",
    labelNames: ["state", "verb"],
    registers,
  });
  const took = new Histogram({
    name: "countersign_part_seconds",
    help: "How long a part of an action took",
    labelNames: ["part"],
    buckets: seconds,
    registers,
  });
  const requests = new Histogram({
    name: "countersign_http_seconds",
    help: "How long answers of the HTTP door took",
    labelNames: ["method", "route", "status"],
    buckets: seconds,
    registers,
  });
  const open = new Gauge({
    name: "countersign_open_actions",
    help: "Actions that wait, run or are unknown, by state",
    labelNames: ["state"],
    registers,
  });
  const gauge = (name: string, help: string): Gauge => new Gauge({ name, help, registers });
  const skew = gauge("countersign_clock_skew_seconds", "This machine's clock less the database's");
  const alive = gauge("countersign_ledger_alive", "1 while this replica may write");
  const size = gauge("countersign_ledger_size", "Entries in the signed tree");
  const lag = gauge("countersign_ledger_lag_entries", "Entries that are written and not yet in the signed tree");
  const unindexed = gauge(
    "countersign_lookup_lag_entries",
    "Entries that are written and not yet in the lookup's index",
  );
  const streams = gauge("countersign_streams", "Open event streams of this replica");
  const waiting = gauge("countersign_decision_log_queued", "Decisions that wait to be sent to the collector");
  const shipped = gauge("countersign_decision_log_sent", "Decisions that the collector has taken since the start");
  const lost = gauge("countersign_decision_log_lost", "Decisions that the collector will never get, since the start");
  const unsent = gauge("countersign_notices_waiting", "Notices that wait to be delivered");
  const dead = gauge(
    "countersign_notices_dead",
    "Notices that could not be delivered and wait for somebody to replay them",
  );
  const oldest = gauge("countersign_notices_oldest_seconds", "How long the oldest notice that waits has waited");
  return {
    tally: {
      moved: (to, verb) => moved.inc({ state: to, verb }),
      took: (part, ms) => took.observe({ part }, ms / 1000),
    },
    contentType: registry.contentType,
    answered: (method, route, status, ms) => requests.observe({ method, route, status: String(status) }, ms / 1000),
    async text(gauges) {
      const counts = await gauges.open();
      for (const state of ["held", "ready", "running", "unknown"]) open.set({ state }, counts[state] ?? 0);
      skew.set(gauges.skewMs() / 1000);
      alive.set(gauges.ledgerAlive() ? 1 : 0);
      size.set(gauges.ledgerSize());
      lag.set(await gauges.ledgerLag());
      unindexed.set(await gauges.lookupLag());
      streams.set(gauges.streams());
      const told = await gauges.notices();
      unsent.set(told.waiting);
      dead.set(told.dead);
      oldest.set(told.oldestMs / 1000);
      const logged = gauges.decisionLog();
      waiting.set(logged.queued);
      shipped.set(logged.sent);
      lost.set(logged.lost);
      return registry.metrics();
    },
  };
}
