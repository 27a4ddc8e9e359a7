import { actionsOf } from "./actions.ts";
import { connectionsOf } from "./connections.ts";
import { erasuresOf } from "./erasures.ts";
import { noticesOf } from "./notices.ts";
import { alertsOf, approvalsOf, glassOf, grantsOf, stopsOf, unknownsOf } from "./people.ts";
import { memoryPins, type PinStore } from "./pin.ts";
import { identityOf, rulesOf } from "./plane.ts";
import { policiesOf } from "./policies.ts";
import { ledgerOf, receiptsOf } from "./receipts.ts";
import { readStream, type StreamEvent } from "./stream.ts";
import { type ClientOptions, Wire } from "./wire.ts";

export interface ConnectOptions extends ClientOptions {
  /** Where the last checkpoint is kept; in memory where missing. */
  readonly pins?: PinStore;
}

/** One server, as one caller sees it. */
export interface Countersign {
  readonly origin: string;
  readonly actions: ReturnType<typeof actionsOf>;
  readonly approvals: ReturnType<typeof approvalsOf>;
  readonly glass: ReturnType<typeof glassOf>;
  readonly grants: ReturnType<typeof grantsOf>;
  readonly unknowns: ReturnType<typeof unknownsOf>;
  readonly stops: ReturnType<typeof stopsOf>;
  readonly alerts: ReturnType<typeof alertsOf>;
  readonly receipts: ReturnType<typeof receiptsOf>;
  readonly erasures: ReturnType<typeof erasuresOf>;
  readonly ledger: ReturnType<typeof ledgerOf>;
  readonly identity: ReturnType<typeof identityOf>;
  readonly rules: ReturnType<typeof rulesOf>;
  readonly policies: ReturnType<typeof policiesOf>;
  readonly connections: ReturnType<typeof connectionsOf>;
  readonly notices: ReturnType<typeof noticesOf>;
  /** What happens, as it happens, until the signal says stop. */
  stream(signal: AbortSignal): AsyncGenerator<StreamEvent>;
  /** Whether the server can answer. */
  ready(): Promise<boolean>;
}

/** A client of one server. It asks nothing before it is used. */
export function connect(options: ConnectOptions): Countersign {
  const wire = new Wire(options);
  return {
    origin: wire.origin,
    actions: actionsOf(wire),
    approvals: approvalsOf(wire),
    glass: glassOf(wire),
    grants: grantsOf(wire),
    unknowns: unknownsOf(wire),
    stops: stopsOf(wire),
    alerts: alertsOf(wire),
    receipts: receiptsOf(wire),
    erasures: erasuresOf(wire),
    ledger: ledgerOf(wire, options.pins ?? memoryPins()),
    identity: identityOf(wire),
    rules: rulesOf(wire),
    policies: policiesOf(wire),
    connections: connectionsOf(wire),
    notices: noticesOf(wire),
    stream: (signal) => readStream(wire, "/v1/stream", signal),
    ready: () =>
      wire.send({ method: "GET", path: "/readyz", headers: { accept: "*/*" } }).then(
        () => true,
        () => false,
      ),
  };
}
