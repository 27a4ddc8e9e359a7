import { CountersignProblem } from "@countersign/client";
import type { Outcome } from "../outcome.ts";
import { sentence } from "../parts/trouble.tsx";
import { ask } from "../plane.ts";
import { assertionFor } from "./passkey.ts";
import type { Request } from "./shape.ts";
import { stayUntil } from "./use-stay.ts";

export type Verdict = "approve" | "deny";

/** An answer as it was given, with what was shown then. */
export interface Given {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly request: Request;
  /** How long it was looked at before. */
  readonly dwellMs: number;
  /** The parts of it that were in view before. */
  readonly opened: readonly string[];
}

interface Ended {
  readonly notCounted?: string;
  readonly skimmed?: string;
  readonly canary?: { readonly caught: boolean; readonly sentence: string };
}

/** Sends it once `ready`, and says what came of it. */
export async function sendAnswer(given: Given, ready: Promise<unknown>): Promise<Outcome> {
  const { verdict, reason, request, dwellMs, opened } = given;
  const assertion = verdict === "approve" ? await assertionFor(request) : undefined;
  await ready;
  const sent = ask<Ended>(`/v1/approvals/${request.id}/answer`, {
    method: "POST",
    outlives: true,
    body: {
      verdict,
      reason,
      callDigest: request.callDigest,
      shownDigest: request.shownDigest,
      dwellMs: Math.min(86_400_000, Math.round(dwellMs)),
      opened,
      ...(assertion === undefined ? {} : { assertion }),
    },
  });
  const ended = await stayUntil(sent);
  const said = [
    ended.canary?.sentence,
    ended.notCounted && `Your approval does not count: ${ended.notCounted}`,
    ended.skimmed,
  ]
    .filter((one): one is string => typeof one === "string" && one !== "")
    .map(sentence);
  if (ended.canary !== undefined) return { about: request.id, text: said.join(" ") };
  return { text: [`You ${did(verdict)} ${nameOf(given)}.`, ...said].join(" "), ...receiptOf(given) };
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

export function did(verdict: Verdict): string {
  return verdict === "approve" ? "approved" : "denied";
}

export function nameOf({ request: { agent, server, tool } }: Given): string {
  return `${agent}'s ${server}.${tool}`;
}

export function receiptOf({ request: { id } }: Given): Pick<Outcome, "about" | "action" | "link"> {
  return { about: id, action: id, link: { to: `/actions/${id}`, words: "Its receipt" } };
}

export function again({ request: { id } }: Given): Pick<Outcome, "about" | "isBad" | "link"> {
  return { about: id, isBad: true, link: { to: `/inbox/${id}`, words: "Look at it again" } };
}
