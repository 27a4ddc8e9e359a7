import type { EditLink, Question, ReversalPlan, UndoLink } from "./action.ts";
import { sha256, toHex, utf8 } from "./bytes.ts";
import { canonical } from "./canonical.ts";
import type { FlowFacts, Reach, Requirement } from "./decision.ts";
import type { Json, JsonObject } from "./json.ts";

/** A held action, as far as it goes into what its approvers are shown. */
export interface Shown {
  readonly id: string;
  readonly agent: string;
  readonly workflow: string;
  readonly run: string;
  readonly server: string;
  readonly tool: string;
  readonly verb: string;
  readonly target: string;
  readonly environment: string;
  readonly callDigest: string;
  readonly requirements: readonly Requirement[];
  readonly onBehalfOf?: string;
  readonly args?: Json;
  readonly beyond?: Json;
  readonly before?: Json;
  readonly plan?: Json | ReversalPlan;
  readonly claim?: string;
  readonly questions?: readonly Question[];
  readonly editOf?: EditLink;
  /** Absent also where a version before this recorded it. */
  readonly undoes?: UndoLink;
  readonly risk?: Risk;
  readonly reach?: { readonly counts: Reach };
  readonly flow?: ReadByRun;
}

export type RiskLevel = "low" | "medium" | "high";

/** How much depends on an answer, in words, each with its reason. */
export interface Risk {
  readonly level: RiskLevel;
  readonly words: readonly { readonly word: string; readonly reason: string }[];
}

/** What a run has read, and where the values of its call come from; the sentence says the same. */
export interface ReadByRun {
  readonly sentence: string;
  readonly effect: FlowFacts["effect"];
  readonly tainted: boolean;
  readonly sources: NonNullable<FlowFacts["sources"]>;
  readonly read: NonNullable<FlowFacts["read"]>;
  readonly destinations: NonNullable<FlowFacts["destinations"]>;
}

const members = [
  "id",
  "agent",
  "workflow",
  "run",
  "server",
  "tool",
  "verb",
  "target",
  "environment",
  "callDigest",
  "onBehalfOf",
  "args",
  "beyond",
  "before",
  "claim",
  "questions",
  "editOf",
  "undoes",
] as const satisfies readonly (keyof Shown)[];

/** Everything that the document may hold besides its version: a surface that shows less than this shows less than is answered. */
export const shownMembers = [...members, "requirements", "plan", "risk", "touched", "flow"] as const;
export type ShownMember = (typeof shownMembers)[number];

/**
 * The document that an approver is shown and that their answer names by its digest. All of it stands in the ledger. What
 * moves by itself is not in it: until when it is asked, whether a stop freezes it, how many have answered, and when the
 * state before was read. Version 1 had neither risk nor reach nor flow; receipts of its time make it again.
 */
export function shownDocument(open: Shown, v: 1 | 2 = 2): JsonObject {
  const { plan, requirements, risk, reach, flow } = open;
  const present = members.flatMap((name): [string, Json][] => {
    const value = open[name];
    return value === undefined ? [] : [[name, value]];
  });
  return {
    v,
    ...Object.fromEntries(present),
    requirements: requirements.map(withoutSentence),
    ...(plan === undefined ? {} : { plan: withoutTime(plan) }),
    ...(v === 1 || risk === undefined ? {} : { risk: risk as unknown as Json }),
    ...(v === 1 || reach === undefined ? {} : { touched: reach.counts as unknown as Json }),
    ...(v === 1 || flow === undefined ? {} : { flow: withoutItsSentence(flow) }),
  };
}

/** `sha256:` and hex of the document's canonical JSON. */
export async function shownDigest(open: Shown): Promise<string> {
  return `sha256:${toHex(await sha256(utf8(canonical(shownDocument(open)))))}`;
}

function withoutItsSentence({ sentence: _, ...rest }: ReadByRun): Json {
  return rest as unknown as Json;
}

function withoutSentence({ sentence: _, ...rest }: Requirement): JsonObject {
  return rest;
}

function withoutTime(plan: Json | ReversalPlan): Json {
  if (typeof plan !== "object" || plan === null || !("capturedAt" in plan)) return plan as Json;
  const { capturedAt: _, ...rest } = plan;
  return rest as unknown as Json;
}
