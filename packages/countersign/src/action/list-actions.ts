import type { State } from "@countersign/contract";
import type { Caller, PersonCaller } from "../identity/caller.ts";
import { listActions as select } from "../ledger/sql.ts";
import type { Parts } from "./parts.ts";

export interface ActionFilter {
  readonly workflow?: string;
  readonly agent?: string;
  readonly run?: string;
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

/** Actions, newest first: an agent sees its own only. */
export async function listActions(
  parts: Parts,
  caller: Caller | PersonCaller,
  filter: ActionFilter,
): Promise<readonly ActionLine[]> {
  const own = caller.kind === "agent" ? { agent: caller.agent, workflow: caller.workflow } : {};
  const rows = await select(parts.db, { ...filter, ...own });
  return rows.map(({ subject, state, ...row }) => ({
    id: subject,
    state: state as State,
    agent: row.agent,
    workflow: row.workflow,
    tool: row.tool,
    run: row.run,
    at: row.at,
    receipt: `/v1/receipts/${subject}`,
  }));
}
