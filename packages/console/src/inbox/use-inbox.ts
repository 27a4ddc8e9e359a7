import { useQuery } from "@tanstack/react-query";
import { useMemo, useReducer, useRef } from "react";
import { useAddress } from "../address.tsx";
import { ask } from "../plane.ts";
import { inboxFilters, parseSearch, type Search } from "../runs/search.ts";
import { placed } from "./placed.ts";
import type { Line } from "./shape.ts";

export interface Row {
  readonly line: Line;
  /** It came since the list was put in order. */
  readonly isNew: boolean;
  /** It waits no more. */
  readonly ended: boolean;
  /** Others took its place on this page: if it still waits, it is on the next. */
  readonly isBehind: boolean;
}

export interface Inbox {
  /** Another one once the list was put in order anew. */
  readonly order: string;
  readonly rows: readonly Row[];
  /** How many came, and how many went, since the list was put in order. */
  readonly news: number;
  readonly gone: number;
  readonly next: string | undefined;
  readonly error: unknown;
  /** Why nothing is asked with what was typed. */
  readonly trouble: string | undefined;
  /** Not all that waits is wanted. */
  readonly isNarrowed: boolean;
  /** Nothing waits, as far as is known. */
  readonly isEmpty: boolean;
  /** Puts the list in order again. */
  sort(): void;
  after(id: string): string | undefined;
}

const page = 200;

/** One page of the inbox. Rows keep their place while somebody looks: what comes is added below, what ended stays until it is sorted. */
export function useInbox(): Inbox {
  const { query } = useAddress();
  const search = parseSearch(query.get("q") ?? "", inboxFilters);
  const trouble = troubleOf(search);
  const filter = {
    order: query.get("order") ?? undefined,
    mine: query.get("mine") ?? undefined,
    risk: query.get("risk") ?? undefined,
    workflow: query.get("workflow") ?? undefined,
    agent: query.get("agent") ?? undefined,
    tool: query.get("tool") ?? undefined,
    cursor: query.get("cursor") ?? undefined,
    ...search.filters,
  };
  const key = JSON.stringify(filter);
  const found = useQuery({
    queryKey: ["approvals", key],
    queryFn: () =>
      ask<{ readonly approvals: readonly Line[]; readonly next?: string }>("/v1/approvals", {
        query: { ...filter, limit: page },
      }),
    refetchInterval: 30_000,
    enabled: trouble === undefined,
  });
  // What is wrong may leave a search that was asked before.
  const data = trouble === undefined ? found.data : undefined;
  const [sorted, sort] = useReducer((times: number) => times + 1, 0);
  const order = filter.order === "time" ? "time" : "risk";
  const list = `${sorted} ${key} ${trouble ?? ""}`;
  const kept = useRef<{ list: string; rows: readonly Row[] }>({ list, rows: [] });
  const rows = useMemo(() => {
    const before = kept.current.list === list ? kept.current.rows : [];
    const { approvals: lines, next } = data ?? { approvals: undefined };
    const now = lines === undefined ? before : placed(before, { lines, order, goesOn: next !== undefined });
    kept.current = { list, rows: now };
    return now;
  }, [data, list, order]);
  return {
    order: list,
    rows,
    news: rows.filter((row) => row.isNew && !row.ended && !row.isBehind).length,
    gone: rows.filter((row) => row.ended || row.isBehind).length,
    next: data?.next,
    error: found.error,
    trouble,
    isNarrowed: [filter.risk, filter.workflow, filter.agent, filter.tool].some((one) => one !== undefined),
    isEmpty: data !== undefined && rows.length === 0,
    sort() {
      sort();
      void found.refetch();
    },
    after: (id) => nextOf(rows, id),
  };
}

function troubleOf({ trouble, words }: Search): string | undefined {
  if (trouble !== undefined || words === "") return trouble;
  return "The inbox is narrowed by `agent:`, `workflow:`, `tool:` and `risk:` alone. The search above looks up words.";
}

function nextOf(rows: readonly Row[], id: string): string | undefined {
  const at = rows.findIndex((row) => row.line.id === id);
  const waits = (row: Row): boolean => !row.ended && row.line.id !== id;
  return (rows.slice(at + 1).find(waits) ?? rows.find(waits))?.line.id;
}
