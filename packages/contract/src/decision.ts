import type { JsonObject } from "./json.ts";
import type { VetoFact } from "./veto.ts";

export type Verb = "read" | "propose" | "execute";
export type Tier = 0 | 1 | 2 | 3;
export type Stage = "list" | "call" | "resume" | "release";

/** The input document, v1: stored sealed with the action and replayable byte for byte. */
export interface DecisionInput {
  readonly v: 1;
  readonly decisionId: string;
  readonly at: string;
  readonly stage: Stage;
  readonly principal: {
    readonly agent: string;
    readonly tier: Tier;
    readonly workflow: string;
    readonly dri: string;
    readonly owner: string;
    readonly onBehalfOf?: string;
    /** Who vouched for the login of the person that it acts for; where it acts for nobody, who issued its key. */
    readonly vouchedBy?: readonly string[];
    readonly groups: readonly string[];
  };
  readonly action: {
    /** `server.tool`, as workflow files write it. */
    readonly tool: string;
    readonly verb: Verb;
    readonly definitionDigest: string;
    readonly reviewed: boolean;
  };
  readonly resource: {
    readonly system: string;
    readonly environment: { readonly name: string; readonly production: boolean };
    readonly target: string;
    readonly owner?: string;
    readonly labels: readonly string[];
  };
  /** Typed projection of the arguments for policies; never the arguments that are sent. */
  readonly args: JsonObject;
  /** `sha256:` and hex of the exact canonical arguments. */
  readonly argsDigest: string;
  /** Digest of the call that approvals are bound to, computed by the hall. */
  readonly callDigest: string;
  readonly facts: Facts;
  readonly run: {
    readonly id: string;
    readonly step: number;
    readonly tainted: boolean;
    readonly task?: string;
    readonly parent?: string;
    /** Whether the run's plan names this step; absent where it has no plan. */
    readonly planned?: boolean;
  };
}

export interface Facts {
  /** Filled by the engine, per policy, from `approvals`, `checks` and `waits`; what a caller puts here is dropped. */
  readonly cured: readonly string[];
  readonly approvals: readonly ApprovalFact[];
  readonly checks: readonly CheckFact[];
  /** What vetoes answered; absent where none was asked. */
  readonly vetoes?: readonly VetoFact[];
  /** Signals such as `freeze`. Always there, possibly empty. */
  readonly signals: readonly string[];
  readonly stopped: boolean;
  readonly reversal: "plan" | "irreversible" | "none";
  /** Calls in a window of time, with this one and those in flight, by the policy that counts them. */
  readonly counts: { readonly [window: string]: number };
  /** Of an argument, in the same way: in hundredths or in whole units, as the policy says. */
  readonly sums?: { readonly [window: string]: number };
  /** Policies whose window held something before this call. */
  readonly formerly?: readonly string[];
  /** Policies whose tools the newest call before this one was of, whatever other tools its workflow has. */
  readonly previous?: readonly string[];
  /** How far a call moves a value from where it stands, rounded up, by the policy that limits it. */
  readonly steps?: { readonly [policy: string]: number };
  /** How much this call touches; a unit that could not be counted is absent. */
  readonly reach?: Reach;
  readonly flow?: FlowFacts;
}

/** What a call does with data: nothing but read; something that a plan undoes; something for good; let data leave. */
export type FlowEffect = "read" | "reversible" | "irreversible" | "egress";
/** `own`: made by the system and of what the call said. It taints nothing, and makes nothing trusted. */
export type Integrity = "trusted" | "own" | "untrusted";
export type Confidentiality = "public" | "internal" | "personal" | "secret";

/**
 * Where a value comes from: the run's task, a rule that endorses it, a call that a person approved, an answer that is
 * trusted, an answer that others may have written, or none of these.
 */
export type Origin = "task" | "endorsed" | "approved" | "trusted" | "untrusted" | "none";

/** Where data came from and where a call would take it. Of a plain read only the first two are gathered, unless a policy asks. */
export interface FlowFacts {
  readonly effect: FlowEffect;
  /** How confidential its answer is. */
  readonly brings: Confidentiality;
  /** Whether the run, or one of its family, has read what others than trusted people and systems wrote. */
  readonly tainted?: boolean;
  /** The tools whose answers tainted it, with the first action of each; at most 32. */
  readonly sources?: readonly { readonly tool: string; readonly action?: string }[];
  /** The kinds of confidential data that it has read. */
  readonly read?: readonly Confidentiality[];
  /**
   * The kinds of it that stand in records which neither the run's task nor a person names. Empty where this call lets
   * nothing leave, or says nothing beside where it goes and what the task says.
   */
  readonly beyond?: readonly Confidentiality[];
  /** Where this call's destinations came from, each once. A call that names none, and that no plan names, has `none`. */
  readonly origins?: readonly Origin[];
  /** The same by argument: `args.to`. */
  readonly destinations?: { readonly [argument: string]: Origin };
}

export interface Reach {
  readonly objects?: number;
  readonly customers?: number;
  readonly nodes?: number;
  readonly rows?: number;
  /** In minor units. */
  readonly money?: { readonly minor: number; readonly currency: string };
}

/** One person's answer, bound to one policy's text and to the digest of the exact call. */
export interface ApprovalFact {
  readonly policy: string;
  /** Digest of the text of the policy that asked; it counts only while that text is in force unchanged. */
  readonly policyDigest: string;
  readonly person: string;
  /** Who vouched for the login that answered: they and this person count as one. */
  readonly vouchedBy?: readonly string[];
  /** What the person could be asked as when this was decided: groups, `dri`, their own address. */
  readonly groups: readonly string[];
  readonly at: string;
  readonly callDigest: string;
  /** It was given after too short a look, so one more person is asked. */
  readonly skimmed?: true;
  /** It was given beforehand, for calls of a shape: it counts only where the policy takes such, and until then. */
  readonly grant?: { readonly id: string; readonly until: string };
  /** A passkey of this person signed this very approval. */
  readonly passkey?: true;
  /** This person broke the glass: it stands alone for all that are missing, until then, and never as one of several. */
  readonly glass?: { readonly until: string };
}

/** Where a policy takes grants; `production`: also of an agent of tier 3 in production. */
export type TakesGrants = "yes" | "production";

export interface CheckFact {
  readonly name: string;
  readonly version: string;
  readonly verdict: "pass" | "fail" | "error";
  readonly at: string;
  readonly score?: number;
  readonly threshold?: number;
  /** Where the evidence lies, as JSON pointers, and what a schema wants there; never the evidence's text. */
  readonly evidence: readonly { readonly pointer: string; readonly rule: string; readonly expected?: string }[];
  readonly microseconds: number;
  readonly argsDigest: string;
}

export type Requirement =
  | {
      readonly kind: "approval";
      readonly policy: string;
      readonly policyDigest: string;
      readonly from: string;
      readonly count: number;
      /** Of the count, one is because somebody approved after too short a look. */
      readonly raised?: true;
      readonly exclude: readonly ("requester" | "owner")[];
      readonly openMs: number;
      readonly validMs: number;
      /** Where a grant may answer it. */
      readonly grants?: TakesGrants;
      /** Only an approval that a passkey signed counts. */
      readonly passkey?: true;
      /** Nobody breaks the glass over this. */
      readonly glass?: "never";
      readonly sentence: string;
    }
  | {
      readonly kind: "check";
      readonly policy: string;
      readonly policyDigest: string;
      readonly name: string;
      readonly maxAgeMs: number;
      readonly sentence: string;
    }
  | {
      readonly kind: "wait";
      readonly policy: string;
      readonly policyDigest: string;
      readonly until: string;
      readonly sentence: string;
    }
  | {
      readonly kind: "dry_run" | "step_up" | "grant" | "veto";
      readonly policy: string;
      readonly policyDigest: string;
      readonly sentence: string;
    };

export interface Obligation {
  readonly kind: "redact" | "notify" | "record_full";
  readonly policy: string;
  readonly properties: JsonObject;
}

/** The answer, v1. */
export interface Decision {
  readonly v: 1;
  readonly effect: "allow" | "require" | "deny";
  /** What enforcement would have said, where the workflow or policy is in observe mode. */
  readonly observed?: "require" | "deny";
  readonly determining: readonly {
    readonly id: string;
    readonly effect: "permit" | "forbid";
    readonly digest: string;
    readonly text: string;
    readonly title?: string;
  }[];
  readonly requirements: readonly Requirement[];
  readonly obligations: readonly Obligation[];
  readonly errors: readonly string[];
  readonly policySet: { readonly revision: number; readonly digest: string };
  readonly inputDigest: string;
  /** For operators only; never shown to an agent. */
  readonly nearMiss: readonly { readonly policy: string; readonly sentence: string }[];
  /** For the agent: what was decided and what it can do about it. */
  readonly sentence: string;
  /** How long it took. A measurement, and the one member that a replay does not repeat. */
  readonly micros: number;
}
