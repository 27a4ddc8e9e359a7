import type { Json, JsonObject, Reach, TextEdits, Verb } from "@countersign/contract";
import type { CallFlow } from "./flow.ts";
import type { Shape } from "./normalise/shape.ts";
import type { CountsBefore, ReachUnit } from "./reach.ts";

/** What a server says of one of its tools, exactly as it said it. Its hints are never trusted. */
export interface Definition {
  readonly name: string;
  readonly inputSchema: JsonObject;
  readonly outputSchema?: JsonObject;
  readonly [member: string]: unknown;
}

/** One governed thing of an upstream server: a tool, or one of the protocol's own methods (`mcp:resources/read`). */
export interface Tool {
  readonly server: string;
  /** The server's own name. */
  readonly name: string;
  /** `server.name`, as workflow files and policies write it. */
  readonly id: string;
  readonly definition: Definition;
  /** `sha256:…` of the canonical definition. */
  readonly digest: string;
  /** True where a person, or a shipped pack with this very digest, has reviewed it. */
  readonly reviewed: boolean;
  /** What calls of it can be, by its rules; execution where nobody said. */
  readonly verbs: readonly Verb[];
  /** How calls of each verb are undone, and where they act, by its rules; one for each case. */
  readonly outcomes: readonly Outcome[];
  readonly classify: (args: JsonObject) => Classified;
  /** Whether a call still acts in an environment, where links on this machine's disk have a part in that. */
  readonly isPlaced?: (args: JsonObject, environment: string) => boolean;
  /** Why a call that no mapping covers counts as production, without its values. */
  readonly whyUnknown?: (args: JsonObject) => string | undefined;
  /** Arguments that have to be absolute paths for a call to be placed. */
  readonly absolute?: readonly string[];
  /** The normalised arguments that policies may read, by name, and what they are made of. */
  readonly parsed?: { readonly [name: string]: Shape };
  /** The units in which a cap can count a call. */
  readonly counts?: readonly ReachUnit[];
  /** Those of them that only the captured state tells; absent where there is none. */
  readonly countsBefore?: CountsBefore;
  readonly reversal: ReversalRule;
  readonly reconcile?: Reconcile;
  /** Argument that takes an idempotency key, where the server honours one. */
  readonly idempotencyArgument?: string;
}

/** What a call can be, before anything is known of its arguments. */
export interface Outcome {
  readonly verb: Verb;
  readonly system: string;
  readonly reversal: ReversalRule;
}

/** What one call is, from its arguments. What no mapping covers is execution in production. */
export interface Classified {
  readonly verb: Verb;
  readonly system: string;
  readonly environment: { readonly name: string; readonly production: boolean };
  readonly target: string;
  readonly labels: readonly string[];
  readonly owner?: string;
  /** The plain arguments, and under `parsed` what the rule's normalisers make of them, for policies. */
  readonly projected: JsonObject;
  /** What it touches that is another class of risk; absent where nothing. */
  readonly signals?: readonly string[];
  /** How much it touches, as far as the rule can count it. */
  readonly reach?: Reach;
  /** What it does with data: where it can send something, and what its answer brings into the run. */
  readonly flow: CallFlow;
  /** Where the arguments decide how it is undone (create or delete of one tool); else the tool's own. */
  readonly reversal?: ReversalRule;
  /** How it is told whether it happened, where the arguments decide that too; else the tool's own. */
  readonly reconcile?: Reconcile;
}

/** `failedWhen` met: it certainly did not happen. Neither met: it stays unknown. Values may be templates. */
export interface Reconcile extends CallTemplate {
  /** Without these nothing can be told. */
  readonly provided?: readonly Premise[];
  readonly doneWhen?: Condition;
  readonly failedWhen?: Condition;
  /** Read too before it counts as done. */
  readonly also?: CallTemplate & { readonly when: Condition };
}

/** A call whose argument values may hold `{{args.x}}`, `{{before.y}}` or `{{result.z}}` (`template.ts`). */
export interface CallTemplate {
  readonly tool: string;
  readonly args: JsonObject;
}

/** What a reconciler or a capture reads from an answer. */
export type Condition =
  | { readonly kind: "equals"; readonly at: string; readonly value: Json }
  | { readonly kind: "contains"; readonly at: string; readonly value: string }
  | { readonly kind: "includes"; readonly at: string; readonly all: Json }
  | { readonly kind: "lacks"; readonly at: string; readonly any: Json }
  | { readonly kind: "answered" }
  | { readonly kind: "not_answered"; readonly contains: string };

/** What must hold of the arguments and of what was captured, so that the inverse is exact. Members are templates. */
export type Premise =
  | { readonly kind: "empty" | "present" | "single"; readonly of: Json }
  | { readonly kind: "disjoint"; readonly of: Json; readonly and: Json }
  | { readonly kind: "includes"; readonly of: Json; readonly all: Json }
  | { readonly kind: "lacks"; readonly of: Json; readonly text: string }
  | { readonly kind: "absent"; readonly argument: string };

/** `plan-reversal.ts` turns a rule, the arguments and what was captured into a plan. */
export type ReversalRule =
  | {
      readonly kind: "inverse";
      readonly capture?: CallTemplate;
      readonly premises?: readonly Premise[];
      readonly undo: CallTemplate;
      /** What `look` (or the capture) answers where nothing happened to the target since; `untold`: nothing can tell. */
      readonly unchanged?: Condition | "untold";
      readonly look?: CallTemplate;
      /** What holds where the capture answers with an error or a premise fails. */
      readonly otherwise?: { readonly kind: "irreversible" | "none"; readonly reason: string };
      readonly edits?: TextEdits;
      readonly sentence: string;
    }
  | { readonly kind: "irreversible"; readonly reason: string }
  | { readonly kind: "none"; readonly reason: string };
