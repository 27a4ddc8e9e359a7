import type { Approval as ApprovalNow, ApprovalLine as LineNow } from "@countersign/client";

export type Level = "low" | "medium" | "high";

export interface Risk {
  readonly level: Level;
  readonly words: readonly { readonly word: string; readonly reason: string }[];
}

export type Change =
  | {
      readonly kind: "text";
      readonly at: string;
      readonly added: number;
      readonly removed: number;
      readonly lines: readonly string[];
    }
  | { readonly kind: "value"; readonly at: string; readonly before: unknown; readonly after: unknown };

export type Effect =
  | {
      readonly known: true;
      readonly sentence: string;
      readonly changes: readonly Change[];
      readonly beside: readonly string[];
    }
  | { readonly known: false; readonly reason: string };

export interface Question {
  readonly policy: string;
  readonly title?: string;
  readonly sentence: string;
  readonly from: string;
  readonly count: number;
  readonly answered: readonly string[];
  readonly missing: number;
  readonly may: readonly { readonly person: string; readonly name: string; readonly free: boolean }[];
  readonly mayNot: readonly string[];
}

export interface AskedBack {
  readonly number: number;
  readonly by: string;
  readonly at: string;
  readonly question: string;
  readonly reply?: string;
  readonly repliedAt?: string;
}

export type Line = LineNow & { readonly risk?: Risk };

/** What an approver is shown. What older servers do not tell is absent. */
export type Request = ApprovalNow &
  Line & {
    readonly effect?: Effect;
    readonly reach?: { readonly sentence: string };
    readonly undo?: {
      readonly kind: "inverse" | "irreversible" | "none";
      readonly sentence: string;
      readonly until: string | null;
      readonly lastWorked: string | null;
    };
    readonly why?: {
      readonly sentence: string;
      readonly questions: readonly Question[];
      readonly besides: readonly string[];
    };
    readonly flow?: { readonly sentence: string };
    readonly questions?: readonly AskedBack[];
    readonly editOf?: { readonly action: string; readonly by: string; readonly reason: string };
  };
