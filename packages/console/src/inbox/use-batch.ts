import { type Batch, type Batched, CountersignProblem } from "@countersign/client";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useOutcomes } from "../outcomes.tsx";
import { sentence } from "../parts/trouble.tsx";
import { ask } from "../plane.ts";
import { isAsShown, kindOf } from "./batch-kind.ts";
import { noteBefore } from "./find-answer.ts";
import { aboutOf, answersLink, findBatch, nameOf } from "./find-batch.ts";
import { mayHaveArrived } from "./send-answer.ts";
import { useGrace } from "./use-grace.ts";
import { stayUntil } from "./use-stay.ts";

interface Wanted {
  readonly verdict: "approve" | "deny";
  readonly reason: string;
  readonly batch: Batch;
  /** Called once it was given. */
  readonly done: () => void;
}

/** What is about to lapse cannot wait. */
const shortMs = 30_000;

/** One answer to a whole batch at a time. It waits as an answer to one request does, and names what was shown. */
export function useBatch(batches: readonly Batch[] | undefined) {
  const queries = useQueryClient();
  const { tell } = useOutcomes();
  const [isSending, setSending] = useState(false);
  const send = async ({ verdict, reason, batch, done }: Wanted): Promise<void> => {
    setSending(true);
    const items = batch.items.map(({ id, callDigest, shownDigest }) => ({ id, callDigest, shownDigest }));
    const before = await Promise.all(items.map(({ id }) => noteBefore(id)));
    try {
      const body = { verdict, reason, items };
      const sent = ask<Batched>("/v1/approvals/batch", { method: "POST", outlives: true, body });
      tell(outcomeOf(verdict, batch, await stayUntil(sent)));
      done();
    } catch (thrown) {
      if (thrown instanceof CountersignProblem && !mayHaveArrived(thrown)) tell(failureOf(batch, thrown));
      else {
        tell(notKnown(batch));
        const found = await findBatch(queries, { batch, verdict }, before);
        tell(found.outcome);
        if (found.isWhole) done();
      }
      void queries.invalidateQueries({ queryKey: ["me"] });
    } finally {
      setSending(false);
      void queries.invalidateQueries({ queryKey: ["approvals"] });
      void queries.invalidateQueries({ queryKey: ["now"] });
    }
  };
  const drop = ({ batch }: Wanted): void =>
    tell({
      about: aboutOf(batch),
      text: `Your answer to ${nameOf(batch)} was not sent, and nothing was answered: look again.`,
      isBad: true,
    });
  const grace = useGrace<Wanted>((wanted) => void send(wanted), drop);
  const { waiting, take } = grace;
  // What changes under a waiting answer takes it back: it was meant for what was there before.
  const isOver = waiting !== undefined && !isAsShown(waiting.wanted.batch.items, batches ?? []);
  useEffect(() => {
    if (!isOver) return;
    const wanted = take();
    if (wanted !== undefined) drop(wanted);
  });
  return {
    isBusy: isSending || waiting !== undefined,
    takeBack: () => void take(),
    sendNow: grace.sendNow,
    /** Seconds until the answer to this one is sent, and what it is. */
    waitingOf(kind: string) {
      if (waiting === undefined || kindOf(waiting.wanted.batch) !== kind) return undefined;
      return { seconds: waiting.seconds, verdict: waiting.wanted.verdict };
    },
    give(wanted: Wanted) {
      const ends = wanted.batch.items.map(({ expiresAt }) =>
        expiresAt === undefined ? Infinity : Date.parse(expiresAt),
      );
      if (Math.min(...ends) - Date.now() < shortMs) void send(wanted);
      else grace.wait(wanted);
    },
  };
}

function outcomeOf(verdict: Wanted["verdict"], batch: Batch, { answered, left }: Batched) {
  const did = verdict === "approve" ? "approved" : "denied";
  const all = batch.items.length;
  const uncounted = answered.filter(({ notCounted }) => notCounted !== undefined);
  const some = left.length === 0 ? nameOf(batch) : `${answered.length} of ${nameOf(batch)}`;
  const targets = new Map(batch.items.map(({ id, target }) => [id, target]));
  const lineOf = (id: string, text: string) => ({ to: `/inbox/${id}`, words: targets.get(id) ?? id, text });
  return {
    about: aboutOf(batch),
    text: left.length === all ? `None of ${nameOf(batch)} was answered.` : `You ${did} ${some}.`,
    isBad: left.length > 0 || uncounted.length > 0,
    each: [
      ...uncounted.map(({ id, notCounted = "" }) =>
        lineOf(id, `your approval does not count: ${sentence(notCounted)}`),
      ),
      ...left.map(({ id, because }) => lineOf(id, `was left out: ${sentence(because)}`)),
    ],
    link: answersLink,
  };
}

function failureOf(batch: Batch, thrown: CountersignProblem) {
  const help = thrown.help === undefined ? "" : ` ${sentence(thrown.help)}`;
  return {
    about: aboutOf(batch),
    text: `Your answer to ${nameOf(batch)} was not given. ${sentence(thrown.detail)}${help}`,
    isBad: true,
  };
}

function notKnown(batch: Batch) {
  return {
    about: aboutOf(batch),
    text: `It is not known whether your answer to ${nameOf(batch)} arrived: it is looked up once the server answers.`,
    isBad: true,
    link: answersLink,
  };
}
