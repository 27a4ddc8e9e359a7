import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { here, useAddress } from "../address.tsx";
import { useOutcomes } from "../outcomes.tsx";
import { findAnswer, noteBefore } from "./find-answer.ts";
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
import { useStay } from "./use-stay.ts";

/** How an answer stands: none is given, it can be taken back, it is on its way, it was taken back. */
export type Phase =
  | { readonly is: "none" }
  | { readonly is: "waiting"; readonly given: Given; readonly seconds: number }
  | { readonly is: "sending" }
  | { readonly is: "taken back" };

const graceSeconds = 5;

/**
 * An answer waits some seconds in this page before it is sent, so that a slip can be taken back. It names what was shown
 * when it was given: anything else is a conflict, and nothing is answered. `done` hears whether whoever answered is still
 * where they answered, and is done with it.
 */
export function useAnswer(of: Request, done: (isHere: boolean, given: Given) => void) {
  const queries = useQueryClient();
  const { tell } = useOutcomes();
  const { at, replace } = useAddress();
  const [phase, setPhase] = useState<Phase>({ is: "none" });
  const [error, setError] = useState<unknown>(undefined);
  const openedAt = useRef(performance.now());
  const latest = useRef(done);
  latest.current = done;
  /** What was given and neither sent nor taken back; whatever ends its wait takes it from here, once. */
  const unsent = useRef<Given | undefined>(undefined);
  const shownAt = useRef(at);
  useEffect(() => {
    shownAt.current = at;
  }, [at]);
  const hasLeft = useRef(false);
  const send = useCallback(
    async (given: Given): Promise<void> => {
      unsent.current = undefined;
      setPhase({ is: "sending" });
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
        latest.current(!isHeld && !hasLeft.current && here() === shownAt.current, given);
      } else {
        void queries.invalidateQueries({ queryKey: ["approvals", "one", given.request.id] });
        void queries.invalidateQueries({ queryKey: ["me"] });
      }
      setPhase({ is: "none" });
    },
    [queries, tell],
  );
  const { shownDigest: shown, yours, frozenBy } = of;
  useEffect(() => {
    const given = unsent.current;
    if (given === undefined) return;
    const why = !yours
      ? "it is not asked of you any more"
      : frozenBy === undefined
        ? "the request changed"
        : "it is frozen";
    if (yours && frozenBy === undefined && given.request.shownDigest === shown) return;
    unsent.current = undefined;
    setPhase({ is: "none" });
    tell(notSent(given, why));
  }, [shown, yours, frozenBy, tell]);
  useStay(phase.is === "waiting");
  useEffect(() => {
    if (phase.is !== "waiting") return;
    const timer = setTimeout(() => {
      if (unsent.current === undefined) return;
      if (phase.seconds <= 1) void send(unsent.current);
      else setPhase({ ...phase, seconds: phase.seconds - 1 });
    }, 1_000);
    return () => clearTimeout(timer);
  }, [phase, send]);
  // Whoever goes on to something else meant it: it is sent then, and what came of it is told wherever they are. What only
  // goes away under them was no act of theirs.
  useEffect(
    () => () => {
      hasLeft.current = here() !== shownAt.current;
      const given = unsent.current;
      if (given === undefined) return;
      unsent.current = undefined;
      if (hasLeft.current) void send(given);
      else tell(notSent(given, "the request ended, or could not be shown any more"));
    },
    [send, tell],
  );
  return {
    phase,
    isBusy: phase.is === "waiting" || phase.is === "sending",
    error,
    give(verdict: Verdict, reason: string) {
      setError(undefined);
      // Where nothing was chosen the list chose: whatever becomes of that, this one stays where it is answered.
      if (location.pathname !== `/inbox/${of.id}`) replace(`/inbox/${of.id}${location.search}`);
      const left = of.expiresAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(of.expiresAt) - Date.now();
      const given = { verdict, reason, request: of, dwellMs: performance.now() - openedAt.current };
      // A passkey is a second deliberate act of its own, and what is about to lapse cannot wait.
      if (left < 30_000 || (verdict === "approve" && of.passkey.required)) void send(given);
      else {
        unsent.current = given;
        setPhase({ is: "waiting", given, seconds: graceSeconds });
      }
    },
    takeBack() {
      if (unsent.current === undefined) return;
      unsent.current = undefined;
      setPhase({ is: "taken back" });
    },
    sendNow() {
      if (unsent.current !== undefined) void send(unsent.current);
    },
  };
}
