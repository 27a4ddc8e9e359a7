import type { Batch } from "@countersign/client";
import type { QueryClient } from "@tanstack/react-query";
import type { Outcome } from "../outcome.ts";
import { sentence } from "../parts/trouble.tsx";
import { plane } from "../plane.ts";
import { lookUp } from "./find-answer.ts";
import type { Before } from "./is-this.ts";
import { did, type Verdict } from "./send-answer.ts";

type Item = Batch["items"][number];
type Line = NonNullable<Outcome["each"]>[number];

interface FoundOne {
  readonly is: "arrived" | "missing" | "unknown";
  /** What has to be known of this one. */
  readonly line?: Line;
}

/** What the server has of an answer to several whose reply was lost, looked up for each by itself. */
export async function findBatch(
  queries: QueryClient,
  { batch, verdict }: { readonly batch: Batch; readonly verdict: Verdict },
  before: readonly Before[],
): Promise<{ readonly outcome: Outcome; readonly isWhole: boolean }> {
  const all = await Promise.all(batch.items.map((item, at) => findOne(queries, item, verdict, before[at])));
  const arrived = all.filter(({ is }) => is === "arrived").length;
  const unknown = all.filter(({ is }) => is === "unknown").length;
  const isWhole = arrived === all.length;
  return {
    outcome: {
      about: aboutOf(batch),
      text: toldOf(batch, verdict, arrived, unknown),
      isBad: !isWhole,
      each: all.flatMap(({ line }) => line ?? []),
      link: answersLink,
    },
    isWhole,
  };
}

function toldOf(batch: Batch, verdict: Verdict, arrived: number, unknown: number): string {
  const all = batch.items.length;
  if (arrived === all) return `Your answer arrived: you ${did(verdict)} ${nameOf(batch)}.`;
  if (arrived > 0) return `Your answer arrived in part: you ${did(verdict)} ${arrived} of ${nameOf(batch)}.`;
  return unknown > 0
    ? `It is still not known whether your answer to ${nameOf(batch)} arrived: look before you give it again.`
    : `Your answer to ${nameOf(batch)} is not recorded so far.`;
}

async function findOne(queries: QueryClient, item: Item, verdict: Verdict, before: Before): Promise<FoundOne> {
  const { id, target } = item;
  const lineTo = (to: string, text: string): Line => ({ to, words: target, text });
  const notKnown: FoundOne = {
    is: "unknown",
    line: lineTo(`/inbox/${id}`, "it is still not known whether your answer arrived: look before you give it again."),
  };
  try {
    const { found, isIt } = await lookUp(queries, { action: id, verdict, before });
    if (isIt === undefined) return notKnown;
    if (isIt && found !== null) {
      if (found.canary !== undefined)
        return { is: "arrived", line: lineTo("/inbox/answers", sentence(found.canary.sentence)) };
      if (found.state !== "held") return { is: "arrived" };
      const held = "it waits still: whether your answer counts stands in its receipt.";
      return { is: "arrived", line: lineTo(`/actions/${id}`, held) };
    }
    const recorded = found === null ? "" : `: what is recorded is that you ${did(found.verdict)} it`;
    const stands = await standing(id);
    return {
      is: "missing",
      line: lineTo(`/inbox/${id}`, `this answer of yours is not recorded so far${recorded}. ${sentence(stands)}`),
    };
  } catch {
    return notKnown;
  }
}

/** By its line in the inbox: whoever sees no more than that has not opened it. */
async function standing(id: string): Promise<string> {
  const line = (await plane().approvals.page({ action: id, limit: 1 })).approvals[0];
  return line === undefined ? "it waits no more" : "it waits still: read it again before you answer";
}

export const answersLink = { to: "/inbox/answers", words: "What you answered" };

export function aboutOf({ items }: Batch): string {
  return items.map(({ id }) => id).join();
}

export function nameOf({ items, server, tool }: Batch): string {
  return `${items.length} requests of ${server}.${tool}`;
}
