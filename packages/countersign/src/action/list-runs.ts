import { listRuns as select } from "../ledger/run-sql.ts";
import type { Parts } from "./parts.ts";

export interface RunFilter {
  readonly workflow?: string;
  readonly agent?: string;
  /** Those that acted from this moment on, as RFC 3339 writes it. */
  readonly since?: string;
  /** Those that acted before this moment. */
  readonly until?: string;
  /** `next` of the page before. */
  readonly before?: string;
}

export interface RunLine {
  readonly id: string;
  readonly agent: string | null;
  readonly workflow: string | null;
  readonly at: string;
  readonly actions: number;
  /** There are actions of it that were not looked at. */
  readonly more: boolean;
  readonly states: Readonly<Record<string, number>>;
}

/** How many actions a page looks through. */
const stride = 1_000;

/** Runs, the one that acted last first; a run stands on the page that has its newest action. */
export async function listRuns(
  parts: Parts,
  filter: RunFilter,
): Promise<{ readonly runs: readonly RunLine[]; readonly next?: string }> {
  const { rows, last } = await select(parts.db, { ...filter, limit: stride });
  const runs = rows.map(({ run, at, actions, has_others, states, agent, workflow }) => ({
    id: run,
    agent,
    workflow,
    at,
    actions,
    more: has_others,
    states,
  }));
  return { runs, ...(last === null ? {} : { next: last }) };
}
