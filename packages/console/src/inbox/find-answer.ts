import { type AnswersPage, CountersignProblem } from "@countersign/client";
import type { QueryClient } from "@tanstack/react-query";
import type { Outcome } from "../outcome.ts";
import { sentence } from "../parts/trouble.tsx";
import { ask } from "../plane.ts";
import { type Before, isThis } from "./is-this.ts";
import { unlessLeft } from "./left.ts";
import { again, did, type Given, nameOf, neverKnown, receiptOf } from "./send-answer.ts";

type Own = Pick<AnswersPage["answers"][number], "at" | "verdict" | "state" | "skimmed" | "canary">;

const noteMs = 3_000;
const settleMs = 500;
const settleTimes = 4;

/**
 * Noted before an answer is sent: the same person may have answered before, so that only a newer one is this one. Where the
 * page is left there is no time for it.
 */
export async function noteBefore(action: string): Promise<Before> {
  try {
    return await unlessLeft(async () => (await newest(action, AbortSignal.timeout(noteMs)))?.at ?? null);
  } catch {
    // An answer is worth more than knowing later whether it arrived.
    return undefined;
  }
}

async function newest(action: string, signal?: AbortSignal): Promise<Own | undefined> {
  const query = { action, limit: 1 };
  return (await ask<AnswersPage>("/v1/answers", { query, ...(signal === undefined ? {} : { signal }) })).answers[0];
}

interface Sent {
  readonly action: string;
  readonly verdict: string;
  readonly before: Before;
}

interface LookedUp {
  /** My newest answer to it. */
  readonly found: Own | null;
  /** Whether that is what was sent; undefined where nobody can tell. */
  readonly isIt: boolean | undefined;
}

/** What the server has of my answers to one action, as soon as it answers. */
export async function lookUp(queries: QueryClient, { action, verdict, before }: Sent): Promise<LookedUp> {
  const found = await queries.fetchQuery({
    queryKey: ["answers", "sent", action],
    queryFn: async () => (await settled(action)) ?? null,
    staleTime: 0,
    // About four minutes: as long as a server takes to start again.
    retry: (failures, cause) => cause instanceof CountersignProblem && cause.code === "unavailable" && failures < 20,
    retryDelay: (failures) => Math.min(15_000, 1_000 * 2 ** failures),
  });
  return { found, isIt: isThis(found, verdict, before) };
}

interface Found {
  readonly outcome: Outcome;
  /** Missing where the answer arrived. */
  readonly problem?: CountersignProblem;
  /** It arrived, and did not end the request. */
  readonly isHeld?: boolean;
}

/** What the server has of an answer whose reply was lost. */
export async function findAnswer(queries: QueryClient, given: Given, before: Before): Promise<Found> {
  const { request, verdict } = given;
  const { found, isIt } = await lookUp(queries, { action: request.id, verdict, before });
  if (isIt === undefined) {
    const help = "look before you give it again";
    const problem = new CountersignProblem("unavailable", "it is not known whether this arrived", { help });
    return { outcome: neverKnown(given), problem };
  }
  return isIt && found !== null ? arrived(given, found) : missing(given, found);
}

/** What was approved goes on a moment later. */
async function settled(action: string): Promise<Own | undefined> {
  let found = await newest(action);
  for (let times = 0; times < settleTimes && found?.state === "held"; times++) {
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    found = await newest(action);
  }
  return found;
}

function arrived(given: Given, { canary, skimmed, state }: Own): Found {
  if (canary !== undefined)
    return { outcome: { about: given.request.id, text: `Your answer arrived. ${sentence(canary.sentence)}` } };
  const isHeld = state === "held";
  const said = [
    `Your answer arrived: you ${did(given.verdict)} ${nameOf(given)}.`,
    ...(skimmed === true ? ["It was looked at for too short a time, so one more person is asked."] : []),
    ...(isHeld ? ["The request waits still: whether your answer counts stands in its receipt."] : []),
  ];
  return { outcome: { text: said.join(" "), ...receiptOf(given) }, isHeld };
}

async function missing(given: Given, found: Own | null): Promise<Found> {
  const stands = await standing(given.request.id);
  const problem = new CountersignProblem("unavailable", "this answer of yours is not recorded so far", {
    help: stands,
  });
  const recorded =
    found === null
      ? `No answer of yours to ${nameOf(given)} is recorded so far.`
      : `This answer of yours to ${nameOf(given)} is not recorded so far: what is recorded is that you ${did(found.verdict)} it.`;
  return { outcome: { text: `${recorded} ${sentence(stands)}`, ...again(given) }, problem };
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
