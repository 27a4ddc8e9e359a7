import type { Confidentiality, FlowFacts, JsonObject, Origin, Reach, Stage, Tier, Verb } from "@countersign/contract";

/** A call that has not happened, as people write it down. */
export interface CallRequest {
  readonly agent: string;
  readonly workflow?: string;
  readonly tier?: Tier;
  readonly for?: string;
  readonly tool: string;
  readonly args: JsonObject;
  readonly verb?: Verb;
  readonly environment?: string;
  readonly target?: string;
  readonly labels?: readonly string[];
  readonly approvals: readonly { readonly person: string; readonly policy?: string; readonly agoMs: number }[];
  readonly checks: { readonly [name: string]: StatedCheck };
  readonly facts: {
    readonly stopped: boolean;
    readonly reviewed: boolean;
    readonly reversal?: "plan" | "irreversible" | "none";
    readonly signals: readonly string[];
    /** Whether nobody opened the run, or it has read what others wrote. */
    readonly tainted: boolean;
    /** What the run has read. */
    readonly read: readonly Confidentiality[];
    /** What of it no task names, where the call says more than its task. */
    readonly beyond?: readonly Confidentiality[];
    /** Where the call's destinations came from; a trusted task where the run is not tainted. */
    readonly origins?: readonly Origin[];
    readonly planned?: boolean;
    readonly counts: { readonly [window: string]: number };
    /** By the id of the policy that reads them, this call included; of what is not there, this call alone. */
    readonly sums?: { readonly [window: string]: number };
    readonly steps?: { readonly [policy: string]: number };
    /** Policies whose window holds an earlier call. */
    readonly formerly?: readonly string[];
    /** Policies whose tools the call just before was of. */
    readonly previous?: readonly string[];
    /** What would be counted in the captured state; none where nothing is said. */
    readonly reach?: Omit<Reach, "money">;
  };
  readonly stage?: Stage;
  readonly at: string;
}

export interface StatedCheck {
  readonly verdict: "pass" | "fail" | "error" | "none";
  readonly agoMs: number;
}

export type ExpectedRequirement =
  | { readonly approval: string; readonly count?: number }
  | { readonly check: string }
  | { readonly wait: string };

/** A call, and what must be decided about it. */
export interface Case extends CallRequest {
  readonly name: string;
  readonly expect: {
    readonly effect: "allow" | "require" | "deny";
    readonly policies?: readonly string[];
    readonly requires?: readonly ExpectedRequirement[];
  };
}

/** What a call is, from its arguments. */
export interface Placed {
  readonly verb: Verb;
  readonly system: string;
  readonly environment: { readonly name: string; readonly production: boolean };
  readonly target: string;
  readonly owner?: string;
  readonly labels: readonly string[];
  readonly projected: JsonObject;
  readonly reversal: "plan" | "irreversible" | "none";
  readonly definitionDigest: string;
  readonly signals?: readonly string[];
  readonly reach?: Reach;
  readonly flow: Pick<FlowFacts, "effect" | "brings">;
}

/** What the rooms around policy know of the names in a case. Undefined: there is no such thing. */
export interface TrialWorld {
  agent(name: string): { readonly workflow: string; readonly owner: string } | undefined;
  workflow(name: string): { readonly dri: string } | undefined;
  /** The tier that counts where a request names none. */
  tierOf(agent: string, workflow: string): Tier;
  place(tool: string, args: JsonObject): Placed | undefined;
  environment(name: string): Placed["environment"] | undefined;
  /** What a person can be asked as in a workflow: groups, `dri`, their own address. */
  capacities(person: string, workflow: string, at: string): readonly string[] | undefined;
  readonly checks: readonly string[];
  readonly known: {
    readonly agents: readonly string[];
    readonly workflows: readonly string[];
    readonly tools: readonly string[];
    readonly environments: readonly string[];
    readonly people: readonly string[];
  };
}
