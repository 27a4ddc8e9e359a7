import type { Budget } from "../costs/index.ts";
import type { Db } from "../db/db.ts";
import type { DecisionLog } from "../decision-log/index.ts";
import type { Connector } from "../execution/connector.ts";
import type { Clock } from "../floor/clock.ts";
import type { Log } from "../floor/log.ts";
import type { Families } from "../flow/index.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { KeyWrap } from "../ledger/seal.ts";
import type { TermKey } from "../lookup/index.ts";
import type { OpenVetoes } from "../vetoes/index.ts";
import type { Checking, PlaneView } from "./plane.ts";
import type { Watch } from "./watch.ts";

/** Persisted steps of an action, in order: where a crash test cuts. */
export const points = [
  "before_hold",
  "after_hold",
  "before_intent",
  "after_intent",
  "after_call",
  "after_outcome",
  "before_answer",
] as const;
export type Point = (typeof points)[number];

/** What the hall is assembled from, once, in `main.ts`. */
export interface Parts {
  readonly db: Db;
  readonly ledger: Ledger;
  readonly wrap: KeyWrap;
  /** What the index holds of a text. */
  readonly terms: TermKey;
  readonly plane: PlaneView;
  readonly connector: Connector;
  readonly checking: Checking;
  readonly budget: Budget;
  readonly clock: Clock;
  readonly log: Log;
  readonly watch: Watch;
  readonly inFlight: Map<string, InFlight>;
  /** Finished actions of this replica whose answer is on its way, with the claim to give back; a read's is empty. */
  readonly delivering: Map<string, string>;
  /** Where the values of opened runs came from, as far as this replica has seen. */
  readonly families: Families;
  /** Crash tests cut here; in the product it does nothing. */
  readonly at: (point: Point, action: string) => void | Promise<void>;
  readonly tally: Tally;
  /** How long a stop waits for the list of what other replicas have on their way. */
  readonly listMs?: number;
  /** Asks an external decision point; where absent, whatever needs one is denied. */
  readonly vetoes?: OpenVetoes["ask"];
  /** Told of each decision, off the way of the call. */
  readonly decisionLog?: DecisionLog;
}

export interface InFlight {
  readonly agent: string;
  readonly workflow: string;
  readonly tool: string;
  readonly system: string;
  readonly sinceMs: number;
  readonly abort: AbortController;
}

/** Counters that `/metrics` shows. */
export interface Tally {
  moved(to: string, verb: string): void;
  took(part: "check" | "flow" | "decide" | "intent" | "upstream" | "outcome", ms: number): void;
}
