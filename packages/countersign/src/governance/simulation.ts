import type { OutcomeChange } from "../policy/index.ts";
import type { WorkspaceFiles } from "../workspace/index.ts";

export interface SimulateRequest {
  readonly files: WorkspaceFiles;
  readonly sinceMs: number;
  /** How many decisions at most, the newest first. */
  readonly limit: number;
  readonly workflow?: string;
  /** This action alone, whenever it was. */
  readonly action?: string;
  /** Nobody waits for the report any more. */
  readonly signal?: AbortSignal;
}

export interface SimulatedChange {
  readonly change: OutcomeChange;
  readonly action: string;
  readonly step: number;
  readonly at: string;
  readonly workflow: string;
  readonly agent: string;
  readonly tool: string;
  readonly was: "allow" | "require" | "deny";
  readonly is: "allow" | "require" | "deny";
  readonly policies: readonly string[];
}

export interface ChangeCount {
  readonly workflow: string;
  readonly tool: string;
  readonly change: OutcomeChange;
  readonly count: number;
}

/** A decision that the set in force does not repeat byte for byte, and in what. */
export interface Differing {
  readonly action: string;
  readonly step: number;
  readonly members: readonly string[];
}

export interface Simulation {
  readonly since: string;
  /** Actions whose decisions were looked at. */
  readonly actions: number;
  readonly replayed: number;
  /** Actions whose content was erased: what was asked is not known any more. */
  readonly erased: number;
  /** True where `limit` left older decisions out. */
  readonly limited: boolean;
  readonly counts: { readonly [change in OutcomeChange]: number };
  readonly by: readonly ChangeCount[];
  /** The newest of them; `counts` has them all. */
  readonly changes: readonly SimulatedChange[];
  /** Whether the set in force still says to each input what was stored, byte for byte. */
  readonly reproduced: {
    readonly same: number;
    /** Decided by a set that is not in force any more: not compared. */
    readonly otherSet: number;
    readonly differing: readonly Differing[];
  };
  /** Decisions that rest on what nobody gathered and the store does not tell: neither changed nor unchanged. */
  readonly untold: number;
  /** Windows of the draft that are not those in force: what was in them was counted anew from the calls. */
  readonly windows?: CountedWindows;
  /** Of all threads together: with two of them, about twice what passed by the clock. */
  readonly took: { readonly readMs: number; readonly reproduceMs: number; readonly evaluateMs: number };
}

export interface CountedWindows {
  /** Ids of their policies. */
  readonly names: readonly string[];
  /** RFC 3339: calls that were asked for from then on are in them. */
  readonly from: string;
}

export type SimulationStep =
  | { readonly progress: { readonly done: number; readonly all: number } }
  | { readonly report: Simulation };
