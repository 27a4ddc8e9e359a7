import type { ActionLine, Found } from "@countersign/client";
import { ask } from "../plane.ts";
import type { Search } from "./search.ts";

/** An action in a list, from the listing or from a lookup. */
export interface ShownAction {
  readonly id: string;
  readonly state: string | null;
  readonly agent: string | null;
  readonly workflow: string | null;
  readonly tool: string | null;
  readonly run: string | null;
  readonly at: string;
  readonly target?: string;
}

/** One page of what a search asks for: words are looked up, and what they find is narrowed by the filters here. */
export async function readActions(
  { filters, words }: Search,
  cursor: string | undefined,
  signal: AbortSignal,
): Promise<{ readonly rows: readonly ShownAction[]; readonly next?: string | undefined }> {
  if (words === "") {
    const query = { ...filters, cursor, limit: 100 };
    const page = await ask<{ actions: readonly ActionLine[]; next?: string }>("/v1/actions", { query, signal });
    return { rows: page.actions, next: page.next };
  }
  const found = await ask<Found>("/v1/lookup", { query: { q: words, cursor, limit: 100 }, signal });
  const rows = found.actions.map((action) => ({ ...action, run: null }));
  return { rows: rows.filter((row) => fits(row, filters)), next: found.next };
}

function fits(row: ShownAction, { agent, workflow, tool, state, since, until }: Search["filters"]): boolean {
  const at = Date.parse(row.at);
  return (
    (agent === undefined || row.agent === agent) &&
    (workflow === undefined || row.workflow === workflow) &&
    (tool === undefined || row.tool === tool) &&
    (state === undefined || row.state === state) &&
    (since === undefined || at >= Date.parse(since)) &&
    (until === undefined || at < Date.parse(until) + (isDay(until) ? dayMs : 0))
  );
}

/** A day counts whole, in UTC, as it does for the server. */
const dayMs = 86_400_000;
const isDay = (text: string): boolean => text.length === 10;
