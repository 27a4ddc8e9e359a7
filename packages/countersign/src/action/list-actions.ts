import type { State } from "@countersign/contract";
import type { Caller, PersonCaller } from "../identity/caller.ts";
import { listActions as select } from "../ledger/sql.ts";
import type { Parts } from "./parts.ts";

export interface ActionFilter {
  readonly workflow?: string;
  readonly agent?: string;
  readonly run?: string;
  readonly tool?: string;
  readonly state?: State;
  /** The last action of the page before. */
  readonly before?: string;
  readonly limit: number;
}

export interface ActionLine {
  readonly id: string;
  readonly state: State;
  readonly agent: string | null;
  readonly workflow: string | null;
  readonly tool: string | null;
  readonly run: string | null;
  readonly at: string;
  readonly receipt: string;
}

export interface ActionPage {
  readonly actions: readonly ActionLine[];
  /** Where to go on; a page may hold less than was asked for and still have it. */
  readonly next?: string;
}

/** What a page looks through at most, where no index leads to what is asked for. */
const mostLooked = 5_000;
const stride = 500;

/** Actions, newest first: an agent sees its own only. */
export async function listActions(
  parts: Parts,
  caller: Caller | PersonCaller,
  filter: ActionFilter,
): Promise<ActionPage> {
  const { tool, state, limit, before, ...indexed } = filter;
  const own = caller.kind === "agent" ? { agent: caller.agent, workflow: caller.workflow } : {};
  const isPlain = tool === undefined && state === undefined;
  const step = isPlain ? limit : stride;
  const actions: ActionLine[] = [];
  let from = before;
  for (let looked = 0; looked < mostLooked; looked += step) {
    const rows = await select(parts.db, {
      ...indexed,
      ...own,
      ...(from === undefined ? {} : { before: from }),
      limit: step,
    });
    for (const row of rows) {
      from = row.subject;
      if ((tool === undefined || row.tool === tool) && (state === undefined || row.state === state))
        actions.push(lineOf(row));
      if (actions.length === limit) return { actions, next: from };
    }
    if (rows.length < step) return { actions };
  }
  return { actions, ...(from === undefined ? {} : { next: from }) };
}

function lineOf({ subject, state, agent, workflow, tool, run, at }: Awaited<ReturnType<typeof select>>[number]) {
  return { id: subject, state: state as State, agent, workflow, tool, run, at, receipt: `/v1/receipts/${subject}` };
}
