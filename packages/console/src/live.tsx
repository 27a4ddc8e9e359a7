import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";

/** What each kind of news makes stale. The news itself is only a hint: what is shown is read again. */
const stale: Readonly<Record<string, readonly string[]>> = {
  approval: ["approvals", "now", "actions", "runs", "answers", "grants"],
  action: ["actions", "runs", "now", "approvals", "unknowns", "answers", "grants"],
  stop: ["stops", "now", "approvals"],
  plane: ["plane", "alerts", "now"],
  reset: ["approvals", "actions", "runs", "stops", "unknowns", "alerts", "plane", "now"],
};

type Line = "live" | "opening" | "broken";

const State = createContext<Line>("opening");

/** News come at once; while no stream is open everything is read again every few seconds instead. */
const gatherMs = 50;
const withoutMs = 5_000;

export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const queries = useQueryClient();
  const [line, setLine] = useState<Line>("opening");
  useEffect(() => {
    const due = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const flush = (): void => {
      timer = undefined;
      for (const key of due) void queries.invalidateQueries({ queryKey: [key] });
      due.clear();
    };
    const hear = (kind: string): void => {
      for (const key of stale[kind] ?? []) due.add(key);
      timer ??= setTimeout(flush, gatherMs);
    };
    const source = new EventSource("/v1/stream");
    source.onopen = () => setLine("live");
    source.onerror = () => setLine("broken");
    for (const kind of Object.keys(stale)) source.addEventListener(kind, () => hear(kind));
    // A proxy that keeps events back looks like a quiet plane: the figures are read now and then whatever is heard.
    const slow = setInterval(() => void queries.invalidateQueries({ queryKey: ["now"] }), 15_000);
    const poll = setInterval(() => {
      if (source.readyState !== EventSource.OPEN) hear("reset");
    }, withoutMs);
    return () => {
      source.close();
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
