import { canonical, type Json, type JsonObject, type VetoFact } from "@countersign/contract";
import { digestText } from "../floor/digest.ts";
import type { Secret } from "../floor/secret.ts";

interface Attached {
  readonly name: string;
  /** Absent: in every workflow. */
  readonly workflows?: readonly string[];
  /** `server.tool`, or `server.*` for all of a server's; absent: for every tool. */
  readonly tools?: readonly string[];
  readonly timeoutMs: number;
}

/** An external decision point that may refuse or ask for more, as the workspace declares it. */
export type VetoRule = Attached &
  (
    | { readonly kind: "opa-http"; readonly url: string; readonly path: string; readonly credential?: string }
    | { readonly kind: "opa-wasm"; readonly bundle: string; readonly digest: string; readonly entrypoint: string }
    | { readonly kind: "authzen"; readonly url: string; readonly credential?: string }
  );

/** Whether a veto is to be asked about this tool in this workflow. */
export function isAttached(rule: VetoRule, workflow: string, tool: string): boolean {
  if (rule.workflows !== undefined && !rule.workflows.includes(workflow)) return false;
  const server = `${tool.slice(0, tool.indexOf("."))}.*`;
  return rule.tools === undefined || rule.tools.includes(tool) || rule.tools.includes(server);
}

/** What an answer is bound to: a veto that is declared otherwise is asked again. */
export function ruleDigest(rule: VetoRule): string {
  return digestText(canonical(JSON.parse(JSON.stringify(rule)) as Json));
}

/** What came of asking, before anything is read into it. */
export type Asked =
  | { readonly bytes: string; readonly result: Json; readonly revision?: string; readonly decisionId?: string }
  | { readonly bytes?: string; readonly fault: string };

export interface Asking {
  readonly rule: VetoRule;
  /** The decision document. */
  readonly question: JsonObject;
  /** How many decision points stand between this question and the one that began it. */
  readonly depth: number;
  /** Leases the credential for one request. */
  readonly credential: () => Promise<{ readonly value: Secret; release(): Promise<void> } | undefined>;
}

/** Longer questions are not sent. */
export const longestQuestion = 262_144;
/** Longer answers are not read. */
export const longestAnswer = 65_536;
/** Questions of one veto that may be under way at once: also what ends a loop of decision points that ask each other. */
export const mostUnderWay = 32;
/** A question that has come through so many decision points is not passed on. */
export const deepest = 3;
export const depthHeader = "countersign-depth";

export type Verdict = Pick<VetoFact, "effect" | "cures" | "obligations"> &
  Pick<Partial<VetoFact>, "reason" | "revision">;
