import { useQuery } from "@tanstack/react-query";
import { useMemo, useRef } from "react";
import { useAddress } from "../address.tsx";
import { ask } from "../plane.ts";
import { placed } from "./placed.ts";
import type { Line } from "./shape.ts";

export interface Row {
  readonly line: Line;
  /** It came since the list was put in order. */
  readonly isNew: boolean;
  /** It waits no more. */
  readonly ended: boolean;
}

export interface Inbox {
  readonly rows: readonly Row[];
  readonly news: number;
  readonly next: string | undefined;
  readonly error: unknown;
  readonly isLoading: boolean;
  /** Puts the list in order again. */
  sort(): void;
  after(id: string): string | undefined;
}

const page = 200;

/** One page of the inbox. Rows keep their place while somebody looks: what comes is added below, what ended stays until it is sorted. */
export function useInbox(): Inbox {
  const { query } = useAddress();
  const filter = {
    order: query.get("order") ?? undefined,
    mine: query.get("mine") ?? undefined,
    risk: query.get("risk") ?? undefined,
    workflow: query.get("workflow") ?? undefined,
    agent: query.get("agent") ?? undefined,
    tool: query.get("tool") ?? undefined,
    cursor: query.get("cursor") ?? undefined,
  };
  const key = JSON.stringify(filter);
  const found = useQuery({
    queryKey: ["approvals", key],
    queryFn: () =>
      ask<{ readonly approvals: readonly Line[]; readonly next?: string }>("/v1/approvals", {
        query: { ...filter, limit: page },
      }),
    refetchInterval: 30_000,
  });
  const kept = useRef<{ key: string; rows: readonly Row[] }>({ key, rows: [] });
  const rows = useMemo(() => {
    if (kept.current.key !== key) kept.current = { key, rows: [] };
    if (found.data !== undefined) kept.current = { key, rows: placed(kept.current.rows, found.data.approvals) };
    return kept.current.rows;
  }, [found.data, key]);
  return {
    rows,
    news: rows.filter((row) => row.isNew).length,
    next: found.data?.next,
    error: found.error,
    isLoading: found.isLoading,
    sort() {
      kept.current = { key, rows: [] };
      void found.refetch();
    },
    after: (id) => nextOf(rows, id),
  };
}

function nextOf(rows: readonly Row[], id: string): string | undefined {
  const at = rows.findIndex((row) => row.line.id === id);
  const waits = (row: Row): boolean => !row.ended && row.line.id !== id;
  return (rows.slice(at + 1).find(waits) ?? rows.find(waits))?.line.id;
}
