import type { Confidentiality, FlowFacts, State } from "@countersign/contract";
import { flowSentence } from "../policy/index.ts";
import type { Given } from "./given.ts";
import type { CallRecord, OutcomeRecord } from "./record.ts";

/** What data an action touched, as its receipt tells it. */
export interface Data {
  readonly direction: "read" | "written" | "proposed" | "none";
  readonly system: string;
  readonly resources: readonly string[];
  readonly labels: readonly string[];
  /** What the agent's client gave the server while the call ran, each answer to a question of the server's own. */
  readonly given: readonly Given[];
  /** Where data came from and where it would go; absent for a plain read. */
  readonly flow?: { readonly sentence: string; readonly facts: FlowFacts };
  readonly redactions: number;
  /** By label, what is so confidential or more was cut out of its answer: no agent, and no record, has it. */
  readonly cut?: Confidentiality;
  readonly withheld?: string;
}

export function dataOf(
  call: CallRecord | undefined,
  state: State,
  outcome: Partial<OutcomeRecord> | undefined,
  flow: FlowFacts | undefined,
): Data {
  const touched = state === "done" || state === "unknown" || state === "reversed";
  const direction = { read: "read", propose: "proposed", execute: "written" }[call?.verb ?? ""] as
    | Data["direction"]
    | undefined;
  return {
    direction: touched ? (direction ?? "none") : "none",
    system: call?.system ?? "",
    resources: touched && call !== undefined ? [call.target] : [],
    labels: call?.labels ?? [],
    given: outcome?.given ?? [],
    ...(flow === undefined || flow.tainted === undefined
      ? {}
      : { flow: { sentence: flowSentence(flow) ?? "its run has read nothing that others write", facts: flow } }),
    redactions: outcome?.redactions ?? 0,
    ...(outcome?.cut === undefined ? {} : { cut: outcome.cut }),
    ...(outcome?.withheld === undefined ? {} : { withheld: outcome.withheld }),
  };
}
