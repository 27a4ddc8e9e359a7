import { countOpen } from "../action/index.ts";
import { compareMoments } from "../floor/clock.ts";
import { firstIdAt } from "../floor/id.ts";
import type { PersonCaller } from "../identity/index.ts";
import { latestCheckpoint } from "../ledger/index.ts";
import { agentsSince } from "../ledger/run-sql.ts";
import type { Control } from "./control.ts";
import { listSeeded } from "./list-seeded.ts";
import { listProposed } from "./read-proposal.ts";
import { countAlerts } from "./sql.ts";
import { listTiers } from "./waive.ts";

/** What the plane is doing now. */
export interface Now {
  readonly at: string;
  /** `active`: acted in the last quarter of an hour. */
  readonly agents: { readonly active: number; readonly all: number };
  readonly held: { readonly count: number; readonly oldestAt: string | null };
  readonly unknowns: number;
  readonly alerts: number;
  readonly stops: number;
  /** What waits for this person's signature. */
  readonly toSign: number;
  readonly sealed: { readonly size: number; readonly at: string } | null;
}

const activeMs = 15 * 60_000;

/** For one person: what waits is what stands in their inbox, so that the figure and the list never differ. */
export async function readNow(control: Control, person: PersonCaller): Promise<Now> {
  const { db, ledger } = control.parts;
  const { directory, stops } = control.keeper.loaded();
  const nowMs = ledger.now();
  const names = [...directory.agents.keys()];
  const [active, open, seeded, alerts, sealed, proposed, tiers] = await Promise.all([
    agentsSince(db, names, firstIdAt("act", nowMs - activeMs)),
    countOpen(db),
    listSeeded(control, person),
    countAlerts(db),
    latestCheckpoint(db),
    listProposed(control, person),
    listTiers(control, person),
  ]);
  const [oldestAt = null] = [open.oldestHeldAt, ...seeded.map((one) => one.open.openedAt)]
    .filter((at) => at !== null)
    .sort(compareMoments);
  return {
    at: new Date(nowMs).toISOString(),
    agents: { active, all: names.length },
    held: { count: open.held + seeded.length, oldestAt },
    unknowns: open.unknown,
    alerts,
    stops: stops.length,
    toSign: [...proposed, ...tiers].filter(({ yours }) => yours).length,
    sealed: sealed === null ? null : { size: sealed.size, at: sealed.at },
  };
}
