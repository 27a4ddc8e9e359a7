import { countOpen } from "../action/index.ts";
import { firstIdAt } from "../floor/id.ts";
import { latestCheckpoint } from "../ledger/index.ts";
import { agentsSince } from "../ledger/run-sql.ts";
import type { Control } from "./control.ts";
import { countAlerts } from "./sql.ts";

/** What the plane is doing now. */
export interface Now {
  readonly at: string;
  /** `active`: acted in the last quarter of an hour. */
  readonly agents: { readonly active: number; readonly all: number };
  readonly held: { readonly count: number; readonly oldestAt: string | null };
  readonly unknowns: number;
  readonly alerts: number;
  readonly stops: number;
  readonly sealed: { readonly size: number; readonly at: string } | null;
}

const activeMs = 15 * 60_000;

export async function readNow(control: Control): Promise<Now> {
  const { db, ledger } = control.parts;
  const { directory, stops } = control.keeper.loaded();
  const nowMs = ledger.now();
  const names = [...directory.agents.keys()];
  const [active, open, alerts, sealed] = await Promise.all([
    agentsSince(db, names, firstIdAt("act", nowMs - activeMs)),
    countOpen(db),
    countAlerts(db),
    latestCheckpoint(db),
  ]);
  return {
    at: new Date(nowMs).toISOString(),
    agents: { active, all: names.length },
    held: { count: open.held, oldestAt: open.oldestHeldAt },
    unknowns: open.unknown,
    alerts,
    stops: stops.length,
    sealed: sealed === null ? null : { size: sealed.size, at: sealed.at },
  };
}
