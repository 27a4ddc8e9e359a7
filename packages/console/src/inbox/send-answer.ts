import { type AnswersPage, CountersignProblem } from "@countersign/client";
import type { QueryClient } from "@tanstack/react-query";
import type { Outcome } from "../outcomes.tsx";
import { sentence } from "../parts/trouble.tsx";
import { ask } from "../plane.ts";
import { assertionFor } from "./passkey.ts";
import type { Request } from "./shape.ts";

export type Verdict = "approve" | "deny";

/** An answer as it was given, with what was shown then. */
export interface Given {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly request: Request;
  /** How long it was looked at before. */
  readonly dwellMs: number;
}

interface Ended {
  readonly notCounted?: string;
  readonly skimmed?: string;
  readonly canary?: { readonly caught: boolean; readonly sentence: string };
}

/** Sends it, and says what came of it. */
export async function sendAnswer(given: Given): Promise<Outcome> {
  const { verdict, reason, request, dwellMs } = given;
  const assertion = verdict === "approve" ? await assertionFor(request) : undefined;
  const ended = await ask<Ended>(`/v1/approvals/${request.id}/answer`, {
    method: "POST",
    body: {
      verdict,
      reason,
      callDigest: request.callDigest,
      shownDigest: request.shownDigest,
      dwellMs: Math.min(86_400_000, Math.round(dwellMs)),
      ...(assertion === undefined ? {} : { assertion }),
    },
  });
  const said = [
    ended.canary?.sentence,
    ended.notCounted && `Your approval does not count: ${ended.notCounted}`,
    ended.skimmed,
  ]
    .filter((one): one is string => typeof one === "string" && one !== "")
    .map(sentence);
  if (ended.canary !== undefined) return { text: said.join(" ") };
  return { text: [`You ${did(given)} ${nameOf(given)}.`, ...said].join(" "), ...receiptOf(given) };
}

/** False where it is certain that nothing was done. */
export function mayHaveArrived(thrown: unknown): boolean {
  return !(thrown instanceof CountersignProblem) || thrown.isUncertain;
}

export function notGiven(given: Given): Outcome {
  return { text: `Your answer to ${nameOf(given)} was not given.`, ...again(given) };
}

export function notSent(given: Given, why: string): Outcome {
  return { text: `Your answer to ${nameOf(given)} was not sent: ${why}.`, ...again(given) };
}

export function notKnown(given: Given): Outcome {
  const text = `It is not known whether your answer to ${nameOf(given)} arrived: it is looked up once the server answers.`;
  return { text, ...again(given) };
}

export function neverKnown(given: Given): Outcome {
  const text = `It is still not known whether your answer to ${nameOf(given)} arrived: look before you give it again.`;
  return { text, ...again(given) };
}

/** What the server has of an answer whose reply was lost. The problem is missing where the answer arrived. */
export async function lookUp(
  queries: QueryClient,
  given: Given,
): Promise<{ readonly outcome: Outcome; readonly problem?: CountersignProblem }> {
  const { verdict, request } = given;
  const { answers } = await queries.fetchQuery({
    queryKey: ["answers", "sent", request.id],
    queryFn: () => ask<AnswersPage>("/v1/answers"),
    staleTime: 0,
    // About four minutes: as long as a server takes to start again.
    retry: (failures, cause) => cause instanceof CountersignProblem && cause.code === "unavailable" && failures < 20,
    retryDelay: (failures) => Math.min(15_000, 1_000 * 2 ** failures),
  });
  const own = answers.find((one) => one.action === request.id && one.verdict === verdict);
  if (own?.canary !== undefined) return { outcome: { text: `Your answer arrived. ${sentence(own.canary.sentence)}` } };
  if (own !== undefined)
    return { outcome: { text: `Your answer arrived: you ${did(given)} ${nameOf(given)}.`, ...receiptOf(given) } };
  const stands = await standing(request.id);
  const problem = new CountersignProblem("unavailable", "no answer of yours is recorded so far", { help: stands });
  const text = `No answer of yours to ${nameOf(given)} is recorded so far. ${sentence(stands)}`;
  return { outcome: { text, ...again(given) }, problem };
}

async function standing(id: string): Promise<string> {
  try {
    await ask(`/v1/approvals/${id}`);
    return "it waits still: read it again before you answer";
  } catch (thrown) {
    const isGone = thrown instanceof CountersignProblem && thrown.code === "not_found";
    return isGone ? "it waits no more" : "look at it again";
  }
}

function did({ verdict }: Given): string {
  return verdict === "approve" ? "approved" : "denied";
}

function nameOf({ request: { agent, server, tool } }: Given): string {
  return `${agent}'s ${server}.${tool}`;
}

function receiptOf({ request: { id } }: Given): Pick<Outcome, "action" | "link"> {
  return { action: id, link: { to: `/actions/${id}`, words: "Its receipt" } };
}

function again({ request: { id } }: Given): Pick<Outcome, "isBad" | "link"> {
  return { isBad: true, link: { to: `/inbox/${id}`, words: "Look at it again" } };
}
