import type { CheckFact, Decision, Requirement, Verb } from "./decision.ts";
import type { Json, JsonObject } from "./json.ts";
import type { Refusal, State } from "./state.ts";

/** What an approver asked the agent back. Its reply is a claim. */
export type Question = {
  /** From 1 within the action. */
  readonly number: number;
  readonly by: string;
  readonly at: string;
  readonly question: string;
  readonly reply?: string;
  readonly repliedAt?: string;
};

/** The other action of an edit, and who made it of which and why. */
export type EditLink = { readonly action: string; readonly by: string; readonly reason: string };

/** The deed that an action undoes, and who asked for that and why where it was a person; an agent's reason is a claim. */
export type UndoLink = { readonly action: string; readonly by?: string; readonly reason?: string };

/** What every door gives to the one who asks about an action. Safe for its agent to read. */
export interface ActionView {
  readonly id: string;
  readonly state: State;
  readonly refusal?: Refusal;
  readonly agent: string;
  readonly workflow: string;
  readonly run: string;
  readonly server: string;
  readonly tool: string;
  readonly verb: Verb;
  readonly target: string;
  readonly environment: string;
  readonly argsDigest: string;
  /** Digest that an approval is bound to. */
  readonly callDigest: string;
  readonly at: string;
  readonly sentence: string;
  /** What enforcement would have said of what ran, where its workflow or a rule is only observed. */
  readonly observed?: "require" | "deny";
  /** What a held action still needs. */
  readonly requirements: readonly Requirement[];
  /** The upstream's answer, after redaction; only where `done`. */
  readonly result?: Json;
  /** True where the upstream answered with an error of its own. */
  readonly isError?: boolean;
  readonly receipt: string;
  readonly advisory?: boolean;
  readonly reverses?: string;
  readonly reversedBy?: string;
  /** What approvers asked back while it was held. */
  readonly questions?: readonly Question[];
  /** It was refused because a person edited it into this other action. */
  readonly editedTo?: EditLink;
  /** A person made it of this other action, with these arguments. */
  readonly editOf?: EditLink & { readonly arguments?: JsonObject };
}

/** How an action can be undone, captured before it ran. */
/** Which argument of a call lists replacements in a text, and which argument of its undo puts that text back. */
export interface TextEdits {
  readonly argument: string;
  readonly from: string;
  readonly to: string;
  readonly undo: string;
}

export type ReversalPlan =
  | {
      readonly kind: "inverse";
      readonly tool: string;
      readonly args: JsonObject;
      /** What the capture read returned, for the receipt; redacted. */
      readonly before: Json;
      readonly capturedAt: string;
      readonly sentence: string;
      /** Where the deed edits the text that the undo puts back. */
      readonly edits?: TextEdits;
    }
  | { readonly kind: "irreversible"; readonly reason: string }
  | { readonly kind: "none"; readonly reason: string };

export interface Checked {
  readonly decision: Decision;
  readonly checks: readonly CheckFact[];
}
