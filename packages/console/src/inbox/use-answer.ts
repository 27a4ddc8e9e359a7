import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useAddress } from "../address.tsx";
import { useOutcomes } from "../outcomes.tsx";
import { findAnswer, noteBefore } from "./find-answer.ts";
import { known, useLooked } from "./looked.tsx";
import {
  type Given,
  mayHaveArrived,
  neverKnown,
  notGiven,
  notKnown,
  notSent,
  sendAnswer,
  type Verdict,
} from "./send-answer.ts";
import type { Request } from "./shape.ts";
import { useGrace } from "./use-grace.ts";

/** How an answer stands: none is given, it can be taken back, it is on its way, it was taken back. */
export type Phase =
  | { readonly is: "none" }
  | { readonly is: "waiting"; readonly given: Given; readonly seconds: number }
  | { readonly is: "sending" }
  | { readonly is: "taken back" };

type Sent = Exclude<Phase, { readonly is: "waiting" }>;

/**
 * An answer waits as `useGrace` says. It names what was shown when it was given: anything else is a conflict, and nothing
 * is answered. `done` hears whether whoever answered is still where they answered, and is done with it.
 */
export function useAnswer(of: Request, done: (isHere: boolean, given: Given) => void) {
  const queries = useQueryClient();
  const looked = useLooked();
  const { tell } = useOutcomes();
  const { replace } = useAddress();
  const [sent, setSent] = useState<Sent>({ is: "none" });
  const [error, setError] = useState<unknown>(undefined);
  const openedAt = useRef(performance.now());
  const latest = useRef(done);
  latest.current = done;
  const send = async (given: Given): Promise<void> => {
    setSent({ is: "sending" });
    setError(undefined);
    let problem: unknown;
    let isHeld = false;
    const before = noteBefore(given.request.id);
    try {
      tell(await sendAnswer(given, before));
    } catch (thrown) {
      problem = thrown;
      setError(thrown);
      tell(mayHaveArrived(thrown) ? notKnown(given) : notGiven(given));
    }
    if (problem !== undefined && mayHaveArrived(problem)) {
      try {
        const found = await findAnswer(queries, given, await before);
        problem = found.problem;
        isHeld = found.isHeld === true;
        setError(problem);
        tell(found.outcome);
      } catch {
        tell(neverKnown(given));
      }
    }
    if (problem === undefined) {
      await queries.invalidateQueries({ queryKey: ["approvals"] });
      void queries.invalidateQueries({ queryKey: ["now"] });
      latest.current(!isHeld && grace.isHere(), given);
    } else {
      void queries.invalidateQueries({ queryKey: ["approvals", "one", given.request.id] });
      void queries.invalidateQueries({ queryKey: ["me"] });
    }
    setSent({ is: "none" });
  };
  const drop = (given: Given): void => tell(notSent(given, "the request ended, or could not be shown any more"));
  const grace = useGrace<Given>((given) => void send(given), drop);
  const { waiting, take } = grace;
  const isOver = waiting === undefined ? undefined : whyOver(of, waiting.wanted);
  useEffect(() => {
    if (isOver === undefined) return;
    const given = take();
    if (given !== undefined) tell(notSent(given, isOver));
  });
  const phase: Phase =
    waiting === undefined ? sent : { is: "waiting", given: waiting.wanted, seconds: waiting.seconds };
  return {
    phase,
    isBusy: phase.is === "waiting" || phase.is === "sending",
    error,
    give(verdict: Verdict, reason: string) {
      setError(undefined);
      // Where nothing was chosen the list chose: whatever becomes of that, this one stays where it is answered.
      if (location.pathname !== `/inbox/${of.id}`) replace(`/inbox/${of.id}${location.search}`);
      const left = of.expiresAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(of.expiresAt) - Date.now();
      const opened = known(looked?.opened() ?? [], of);
      const given = { verdict, reason, request: of, dwellMs: performance.now() - openedAt.current, opened };
      // A passkey is a second deliberate act of its own, and what is about to lapse cannot wait.
      if (left < 30_000 || (verdict === "approve" && of.passkey.required)) void send(given);
      else {
        setSent({ is: "none" });
        grace.wait(given);
      }
    },
    takeBack() {
      if (take() !== undefined) setSent({ is: "taken back" });
    },
    sendNow: grace.sendNow,
  };
}

/** Why what was given is not meant any more: it was meant for what was shown then. */
function whyOver({ shownDigest, yours, frozenBy }: Request, given: Given): string | undefined {
  if (!yours) return "it is not asked of you any more";
  if (frozenBy !== undefined) return "it is frozen";
  return given.request.shownDigest === shownDigest ? undefined : "the request changed";
}
