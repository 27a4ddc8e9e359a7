import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { useOutcomes } from "../outcomes.tsx";
import { sentence } from "../parts/trouble.tsx";
import { ask } from "../plane.ts";
import { assertionFor } from "./passkey.ts";
import type { Request } from "./shape.ts";

type Verdict = "approve" | "deny";

interface Waiting {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly request: Request;
  readonly seconds: number;
}

interface Ended {
  readonly state: string;
  readonly sentence: string;
  readonly notCounted?: string;
  readonly skimmed?: string;
  readonly canary?: { readonly caught: boolean; readonly sentence: string };
}

const graceSeconds = 5;

/**
 * An answer waits some seconds in this page before it is sent, so that a slip can be taken back. It names what was shown
 * when it was given: anything else is a conflict, and nothing is answered.
 */
export function useAnswer(of: Request, done: () => void) {
  const queries = useQueryClient();
  const [waiting, setWaiting] = useState<Waiting | undefined>(undefined);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(undefined);
  const { tell } = useOutcomes();
  const openedAt = useRef(performance.now());
  const latest = useRef(done);
  latest.current = done;
  const send = useCallback(
    async ({ verdict, reason, request }: Waiting): Promise<void> => {
      setWaiting(undefined);
      setBusy(true);
      setError(undefined);
      try {
        const assertion = verdict === "approve" ? await assertionFor(request) : undefined;
        const ended = await ask<Ended>(`/v1/approvals/${request.id}/answer`, {
          method: "POST",
          body: {
            verdict,
            reason,
            callDigest: request.callDigest,
            shownDigest: request.shownDigest,
            dwellMs: Math.min(86_400_000, Math.round(performance.now() - openedAt.current)),
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
        const link = { to: `/actions/${request.id}`, words: "Its receipt" };
        const did = verdict === "approve" ? "approved" : "denied";
        if (ended.canary === undefined)
          tell({ text: [`You ${did} ${nameOf(request)}.`, ...said].join(" "), action: request.id, link });
        else tell({ text: said.join(" ") });
        await queries.invalidateQueries({ queryKey: ["approvals"] });
        void queries.invalidateQueries({ queryKey: ["now"] });
        latest.current();
      } catch (thrown) {
        setError(thrown);
        tell({
          text: `Your answer to ${nameOf(request)} was not given.`,
          isBad: true,
          link: { to: `/inbox/${request.id}`, words: "Look at it again" },
        });
        void queries.invalidateQueries({ queryKey: ["approvals", "one", request.id] });
        void queries.invalidateQueries({ queryKey: ["me"] });
      } finally {
        setBusy(false);
      }
    },
    [queries, tell],
  );
  // A request that changes under a waiting answer takes it back: it was meant for what was there before.
  const shown = of.shownDigest;
  useEffect(() => {
    setWaiting((now) => (now !== undefined && now.request.shownDigest !== shown ? undefined : now));
  }, [shown]);
  useEffect(() => {
    if (waiting === undefined) return;
    const timer = setTimeout(() => {
      if (waiting.seconds <= 1) void send(waiting);
      else setWaiting({ ...waiting, seconds: waiting.seconds - 1 });
    }, 1_000);
    const leaving = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener("beforeunload", leaving);
    return () => {
      clearTimeout(timer);
      removeEventListener("beforeunload", leaving);
    };
  }, [waiting, send]);
  // Whoever goes on to something else meant it: it is sent then, and what came of it is told wherever they are.
  const unsent = useRef<Waiting | undefined>(undefined);
  unsent.current = waiting;
  useEffect(
    () => () => {
      if (unsent.current !== undefined) void send(unsent.current);
    },
    [send],
  );
  return {
    waiting,
    isBusy: isBusy || waiting !== undefined,
    error,
    give(verdict: Verdict, reason: string) {
      setError(undefined);
      const left = of.expiresAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(of.expiresAt) - Date.now();
      const wanted = { verdict, reason, request: of, seconds: graceSeconds };
      // A passkey is a second deliberate act of its own, and what is about to lapse cannot wait.
      if (left < 30_000 || (verdict === "approve" && of.passkey.required)) void send(wanted);
      else setWaiting(wanted);
    },
    takeBack: () => setWaiting(undefined),
    sendNow: () => waiting !== undefined && void send(waiting),
  };
}

function nameOf({ agent, server, tool }: Request): string {
  return `${agent}'s ${server}.${tool}`;
}
