import type { ActionView, Decision, Json, Refusal, Requirement, State, Verb } from "@countersign/contract";
import type { Subject } from "../ledger/read.ts";
import { askedSentence, editLinks, questionsOf } from "./questions.ts";
import { type DecidedRecord, isMistyped, type OutcomeRecord } from "./record.ts";
import { recordsOf } from "./stored-record.ts";

/** What the ledger says of an action, for the one who may ask. Redacted payloads only. */
export function viewOf(
  subject: Subject,
  open?: { readonly requirements: readonly Requirement[]; readonly sentence: string },
): ActionView {
  const first = subject.entries[0];
  const last = subject.entries.at(-1);
  if (first === undefined || last === undefined) throw new Error("an action has at least one entry");
  const payloads = recordsOf(subject);
  const call = payloads[0]?.call;
  const decided = payloads.findLast((payload) => payload?.decision !== undefined);
  const outcome = payloads.findLast((payload) => payload?.kind !== undefined);
  const refused = payloads.findLast((payload) => payload?.refusal !== undefined);
  const state = last.entry.to_state as State;
  const questions = questionsOf(subject.entries);
  const ran = state === "done" || state === "failed" || state === "unknown" || state === "reversed";
  const observed = ran ? decided?.decision.observed : undefined;
  const reversed = subject.entries.find((disclosed) => disclosed.entry.to_state === "reversed")?.payload as
    | { by?: string }
    | undefined;
  return {
    id: subject.subject,
    state,
    ...(refused?.refusal === undefined || state !== "refused" ? {} : { refusal: refused.refusal as Refusal }),
    agent: first.entry.agent ?? "",
    workflow: first.entry.workflow ?? "",
    run: first.entry.run ?? "",
    server: call?.server ?? "",
    tool: call?.tool ?? first.entry.tool ?? "",
    verb: (call?.verb ?? "execute") as Verb,
    target: call?.target ?? "",
    environment: call?.environment ?? "",
    argsDigest: call?.argsDigest ?? "",
    callDigest: call?.callDigest ?? "",
    at: first.entry.at,
    sentence: `${open?.sentence ?? sentenceOf(state, outcome, refused, decided)}${state === "held" ? askedSentence(questions) : ""}${ran ? observedSentence(decided?.decision) : ""}`,
    ...(observed === undefined ? {} : { observed }),
    requirements: state === "held" ? (open?.requirements ?? decided?.decision.requirements ?? []) : [],
    ...(state === "done" || state === "reversed" ? answered(outcome) : {}),
    receipt: `/v1/receipts/${subject.subject}`,
    ...(call?.reverses === undefined ? {} : { reverses: call.reverses }),
    ...(reversed?.by === undefined ? {} : { reversedBy: reversed.by }),
    ...(questions.length === 0 ? {} : { questions }),
    ...editLinks(subject.entries, call),
  };
}

/** What goes after a sentence about a call that passed because somebody only observes. */
export function observedSentence(decision: Pick<Decision, "observed" | "sentence"> | undefined): string {
  if (decision?.observed === undefined) return "";
  const [, told] = /^allowed: (workflow `[^`]*` is only observed.*)$/s.exec(decision.sentence) ?? [];
  const would = decision.observed === "deny" ? "refused it" : "asked first";
  return `. It passed because ${told ?? `a rule is only observed, which would have ${would}`}`;
}

function answered(outcome: OutcomeRecord | null | undefined): { result?: Json; isError?: boolean } {
  if (outcome === null || outcome === undefined) return {};
  if (outcome.error !== undefined) return { result: outcome.error, isError: true };
  const isError = outcome.isError === true || isMistyped(outcome);
  return { ...(outcome.result === undefined ? {} : { result: outcome.result }), isError };
}

function sentenceOf(
  state: State,
  outcome: OutcomeRecord | null | undefined,
  refused: DecidedRecord | null | undefined,
  decided: DecidedRecord | null | undefined,
): string {
  switch (state) {
    case "done":
      if (outcome?.isError === true || outcome?.error !== undefined)
        return "it ran; the upstream answered with an error";
      return ranSentence(outcome);
    case "failed":
      return `nothing happened: ${outcome?.reason ?? "it was never sent"}`;
    case "unknown":
      return `it was sent and no answer came (${outcome?.reason ?? "the connection was lost"}); it is not sent again until somebody knows what happened`;
    case "refused":
      return refused?.sentence ?? refused?.decision?.sentence ?? "refused";
    case "held":
    case "ready":
    case "running":
    case "received":
      return decided?.decision.sentence ?? state;
    case "reversed":
      return "it ran once and was reversed";
  }
}

export function ranSentence(outcome: OutcomeRecord | null | undefined): string {
  return isMistyped(outcome) ? "it ran; its result is not of the type that the tool declares" : "it ran once";
}

/** The upstream's answer as it can be relayed to the agent. */
export function answerOf(subject: Subject): { result: Json } | { error: Json } | undefined {
  const outcome = recordsOf(subject).findLast((payload) => payload?.kind !== undefined);
  if (outcome === undefined || outcome === null) return undefined;
  if (outcome.error !== undefined) return { error: outcome.error };
  return outcome.result === undefined ? undefined : { result: outcome.result };
}
