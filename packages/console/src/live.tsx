import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { type Line, openLine } from "./live-line.ts";
import { openReadAgain } from "./read-again.ts";
import type { Now } from "./shell/top-line.tsx";

/** What each kind of news makes stale. The news itself is only a hint: what is shown is read again. */
const stale: Readonly<Record<string, readonly string[]>> = {
  approval: ["approvals", "now", "actions", "runs", "answers", "grants"],
  action: ["actions", "runs", "now", "approvals", "unknowns", "answers", "grants"],
  stop: ["stops", "now", "approvals"],
  plane: ["plane", "alerts", "now"],
};
const everything = [...new Set(Object.values(stale).flat())];

const State = createContext<Line>("opening");

/** News come at once; while no line is live everything is read again every few seconds instead. */
const gatherMs = 50;
const withoutMs = 5_000;

export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const queries = useQueryClient();
  const [line, setLine] = useState<Line>("opening");
  useEffect(() => {
    const due = new Set<string>();
    const readAgain = openReadAgain(queries);
    let timer: ReturnType<typeof setTimeout> | undefined;
    let now: Line = "opening";
    const flush = (): void => {
      timer = undefined;
      readAgain.stale(due);
      due.clear();
    };
    const hear = (kind: string): void => {
      for (const key of stale[kind] ?? everything) due.add(key);
      timer ??= setTimeout(flush, gatherMs);
    };
    const close = openLine([...Object.keys(stale), "reset"], {
      heard: hear,
      is(next) {
        now = next;
        setLine(next);
        // The server ends a line with the login that it was opened with: whoever is out is told so, and nothing is tried on.
        if (next === "broken") void queries.invalidateQueries({ queryKey: ["me"] });
      },
    });
    let counted: number | undefined;
    const count = async (): Promise<void> => {
      await queries.invalidateQueries({ queryKey: ["now"] });
      const waits = queries.getQueryData<Now>(["now"])?.held.count;
      // What begins to wait by the clock alone is no news: the list follows the figure that counts it.
      if (counted !== undefined && waits !== counted) hear("approval");
      counted = waits;
    };
    const slow = setInterval(() => void count(), 15_000);
    const poll = setInterval(() => {
      if (now !== "live") hear("reset");
    }, withoutMs);
    return () => {
      close();
      readAgain.close();
      clearInterval(poll);
      clearInterval(slow);
      clearTimeout(timer);
    };
  }, [queries]);
  return <State value={line}>{children}</State>;
}

export function useLine(): Line {
  return useContext(State);
}
