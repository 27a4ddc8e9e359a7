import type { AmountForm, Scope, TouchedUnit } from "../window.ts";

interface Named {
  /** Distinguishes guardrails of one workflow; that of its template by default. */
  readonly name: string;
}

export interface Asking {
  readonly from: string;
  readonly count: number;
  readonly open: string;
  readonly valid: string;
  readonly exclude: readonly ("requester" | "owner")[];
}

/** Days of the week, 1 is Monday, and hours in minutes since midnight; from > to goes over midnight, into the day after. */
export interface Hours {
  readonly zone: string;
  readonly days: readonly number[];
  readonly from: number;
  readonly to: number;
}

export interface RefundLimits extends Named {
  readonly use: "refund-limits";
  readonly ask: Asking;
  readonly tools: readonly string[];
  readonly amount: string;
  readonly in: AmountForm;
  /** The one currency, such as `EUR`, and the argument that names it, where the tool takes one. */
  readonly currency?: { readonly code: string; readonly argument: string };
  /** In hundredths: less than this needs nobody. */
  readonly aloneUnder: number;
  /** In hundredths: more than this is refused whoever asks. */
  readonly upTo: number;
  /** In hundredths: all refunds in 24 hours, of the workflow or as `per` says. */
  readonly perDay?: number;
  readonly per?: Scope;
  readonly across?: true;
}

export interface FourEyes extends Named {
  readonly use: "four-eyes";
  readonly ask: Asking;
  readonly tools: readonly string[];
  readonly production: boolean;
}

export interface Freeze extends Named {
  readonly use: "freeze";
  /** Every tool of the workflow, when it executes, where there are none. */
  readonly tools: readonly string[];
  readonly zone: string;
  /** First and last day, as `20261220`. */
  readonly from: number;
  readonly to: number;
  readonly production: boolean;
}

/** Outside it calls are refused. */
export interface ChangeWindow extends Named {
  readonly use: "change-window";
  readonly tools: readonly string[];
  readonly production: boolean;
  readonly hours: Hours;
}

/** As a change window; outside it people are asked. */
export interface BusinessHours extends Named {
  readonly use: "business-hours";
  readonly tools: readonly string[];
  readonly production: boolean;
  readonly hours: Hours;
  readonly ask: Asking;
}

export interface StepLimit extends Named {
  readonly use: "step-limit";
  readonly tools: readonly string[];
  readonly argument: string;
  readonly current: string;
  readonly most: number;
  readonly production: boolean;
}

export interface Egress extends Named {
  readonly use: "egress";
  readonly tools: readonly string[];
  readonly argument: string;
  readonly domains: readonly string[];
  /** Only what carries one of these labels; everything where there are none. */
  readonly labels: readonly string[];
}

/** A normalised argument that says where a call of a tool sends something, and its attribute that names the places. */
export interface Destination {
  readonly tool: string;
  readonly argument: string;
  readonly by: "domains" | "hosts";
}

/** As `Egress`, by what the catalog reads of addresses that the tool takes. */
export interface DataEgress extends Named {
  readonly use: "data-egress";
  readonly tools: readonly string[];
  /** The arguments to read; every address that the catalog reads where absent. */
  readonly arguments?: readonly string[];
  readonly domains: readonly string[];
  readonly labels: readonly string[];
  /** What they are by the reviewed tools (`findDestinations`). A tool without any is refused whatever it is called with. */
  readonly destinations: readonly Destination[];
}

export interface FirstTimeTarget extends Named {
  readonly use: "first-time-target";
  readonly ask: Asking;
  readonly tools: readonly string[];
}

export interface DoneBefore extends Named {
  readonly use: "done-before";
  readonly tools: readonly string[];
  /** The tool that must have been done on the same target. */
  readonly done: string;
  readonly within: string;
  /** A tool whose every call on that target asks for `done` anew. */
  readonly since?: string;
  readonly production: boolean;
}

/** What stands right before a call, of all calls of its workflow in one run, on one target, …: its order. */
export interface RightAfter extends Named {
  readonly use: "right-after";
  readonly tools: readonly string[];
  /** The tools that the call just before may be of. */
  readonly done: readonly string[];
  /** `only` right after one of them that is done without an error, or `never` right after one, however it ended. */
  readonly may: "only" | "never";
  readonly per: "workflow" | "agent" | "run" | "target";
  readonly within: string;
  readonly production: boolean;
}

export interface CallLimit extends Named {
  readonly use: "call-limit";
  readonly tools: readonly string[];
  readonly most: number;
  readonly per: Scope;
  readonly across?: true;
  readonly within: string;
}

/** How many things its calls touch in a stretch of time: by the length of a list that they take, or by what the catalog counts. */
export interface ObjectLimit extends Named {
  readonly use: "object-limit";
  readonly tools: readonly string[];
  /** One of these two. */
  readonly argument?: string;
  readonly counts?: TouchedUnit;
  readonly most: number;
  readonly per: Scope;
  readonly across?: true;
  readonly within: string;
}

/** A grant with a last day, as `20261231`. */
export interface Expires extends Named {
  readonly use: "expires";
  readonly tools: readonly string[];
  readonly zone: string;
  readonly until: number;
}

export interface OnlyWithin extends Named {
  readonly use: "only-within";
  readonly tools: readonly string[];
  readonly environments: readonly string[];
  /** What targets begin with; any target where there are none. */
  readonly targets: readonly string[];
}

/** A guardrail template with its parameters, as policy reads them. */
export type Guardrail =
  | RefundLimits
  | FourEyes
  | Freeze
  | ChangeWindow
  | BusinessHours
  | StepLimit
  | Egress
  | DataEgress
  | FirstTimeTarget
  | DoneBefore
  | RightAfter
  | CallLimit
  | ObjectLimit
  | Expires
  | OnlyWithin;
